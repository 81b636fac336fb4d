package say

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func speakIn(t testing.TB, language string) {
	t.Helper()
	SetLanguage(language)
	t.Cleanup(func() { SetLanguage("en") })
}

func TestEngine(t *testing.T) {
	tests := []struct{ en, de, fr string }{
		{"Paused", "Angehalten", "En pause"},
		{"Sending 12 of 1430", "Wird gesendet, 12 von 1.430", "Envoi 12 sur 1\u202f430"},
		{"Reading 1 new file", "Einlesen: 1 neue Datei", "Lecture de 1 nouveau fichier"},
		{"Reading 12 new files", "Einlesen: 12 neue Dateien", "Lecture de 12 nouveaux fichiers"},
		{"Checking 2 folders, 1 file so far", "Durchsehen: 2 Ordner, bisher 1 Datei", "Parcours de 2 dossiers, 1 fichier jusqu’ici"},
		{"1 photo failed", "1 Foto fehlgeschlagen", "1 photo en échec"},
		{"131 photos waiting, the next at 14:02", "131 Fotos in der Warteschlange, weiter um 14:02", "131 photos en attente, la suite à 14:02"},
		{"131 photos waiting, the next at 3 Nov 14:02", "131 Fotos in der Warteschlange, weiter um 3. Nov. 14:02", "131 photos en attente, la suite à 3 nov. 14:02"},
		{
			"Paused for quiet hours until 07:00. 2 photos waiting safely",
			"Angehalten wegen der Ruhezeit bis 07:00. 2 Fotos sicher in der Warteschlange",
			"En pause pendant les heures calmes jusqu’à 07:00. 2 photos en attente, en sûreté",
		},
		{"Everything sent. Last upload 14:02", "Alles gesendet. Zuletzt gesendet: 14:02", "Tout est envoyé. Dernier envoi : 14:02"},
		{"Not running. Nothing to send", "Läuft nicht. Nichts zu senden", "Ne tourne pas. Rien à envoyer"},
		{
			"Home: the server does not accept connections. 3 photos waiting safely",
			"Home: der Server nimmt keine Verbindungen an. 3 Fotos sicher in der Warteschlange",
			"Home : le serveur n’accepte pas de connexions. 3 photos en attente, en sûreté",
		},
		{
			"Home: sign in: the server cannot be reached: dial tcp 10.0.0.1:80: no route",
			"Home: Anmeldung: der Server ist nicht erreichbar: dial tcp 10.0.0.1:80: no route",
			"Home : connexion : le serveur est injoignable : dial tcp 10.0.0.1:80: no route",
		},
		{
			"upload: the server's answer is empty",
			"Übertragung: die Antwort des Servers ist leer",
			"envoi : la réponse du serveur est vide",
		},
		{
			"the certificate of photos.example.org is not trusted: it has expired",
			"dem Zertifikat von photos.example.org wird nicht vertraut: es ist abgelaufen",
			"le certificat de photos.example.org n’est pas de confiance : il a expiré",
		},
		{
			"the file is too big: 31.4 MB, and the server takes at most 20.0 MB",
			"die Datei ist zu groß: 31,4 MB, und der Server nimmt höchstens 20,0 MB",
			"le fichier est trop grand : 31,4 MB, et le serveur accepte au plus 20,0 MB",
		},
		{
			"Check the address. A router or proxy may answer in the server's place.",
			"Prüfen Sie die Adresse. Vielleicht antwortet ein Router oder Proxy an Stelle des Servers.",
			"Vérifiez l’adresse. Un routeur ou un proxy répond peut-être à la place du serveur.",
		},
		{
			"Home: sent on 3 November 2026 14:02, verified: the server lists a photo with this MD5; Club: failed: the file may not be read.",
			"Home: gesendet am 3. Nov. 2026 14:02, geprüft: der Server führt ein Foto mit dieser MD5-Summe; Club: fehlgeschlagen: die Datei darf nicht gelesen werden.",
			"Home : envoyée le 3 nov. 2026 14:02, vérifiée : le serveur a une photo avec cette somme MD5 ; Club : échec : le fichier n’est pas lisible avec ces droits.",
		},
		{
			"waits until 3 Nov 14:02:07 for attempt 2: upload: the server took too long: EOF",
			"wartet bis 3. Nov. 14:02:07 auf Versuch 2: Übertragung: der Server brauchte zu lange: EOF",
			"attend jusqu’à 3 nov. 14:02:07 l’essai 2 : envoi : le serveur a mis trop de temps : EOF",
		},
		{"It is not carried: not a photo.", "Es wird nicht gesendet: kein Foto.", "Ce fichier n’est pas envoyé : pas une photo."},
		{"/mnt/card/DCIM is away", "/mnt/card/DCIM ist nicht da", "/mnt/card/DCIM est absent"},
		{"PicApport does not take HEIC files", "PicApport nimmt keine HEIC-Dateien", "PicApport n’accepte pas les fichiers HEIC"},
		{
			"the server refused the photo: {{.Secret}} <b>no</b>",
			"der Server lehnte das Foto ab: {{.Secret}} <b>no</b>",
			"le serveur a refusé la photo : {{.Secret}} <b>no</b>",
		},
		{"as anna, club member", "als anna, Clubmitglied", "en tant que anna, membre du club"},
		{
			"If it lasts: Raise upload_max_filesize and post_max_size in the server's php.ini, and client_max_body_size in nginx.",
			"Wenn es andauert: Erhöhen Sie upload_max_filesize und post_max_size in der php.ini des Servers und client_max_body_size in nginx.",
			"Si cela dure : Augmentez upload_max_filesize et post_max_size dans le php.ini du serveur, et client_max_body_size dans nginx.",
		},
		{
			"3 folders are not followed: limit of watched folders reached; 1 folder cannot be read: permission denied",
			"nicht laufend überwacht: 3 Ordner: Grenze der überwachten Ordner erreicht; nicht lesbar: 1 Ordner: keine Berechtigung",
			"pas de suivi en continu : 3 dossiers : limite de dossiers suivis atteinte ; illisible : 1 dossier : droits insuffisants",
		},
		{"requeued", "noch einmal eingereiht", "remise en file"},

		{"", "", ""},
		{"{{.Names}} are nobody's", "{{.Names}} are nobody's", "{{.Names}} are nobody's"},
		{"{{template \"x\"}}: {{", "{{template \"x\"}}: {{", "{{template \"x\"}}: {{"},
		{"dial tcp: lookup photos: no such host", "dial tcp: lookup photos: no such host", "dial tcp: lookup photos: no such host"},
		{"again: nobody knows. What; it is", "again: nobody knows. What; it is", "again: nobody knows. What; it is"},
	}
	for _, language := range Languages {
		speakIn(t, language)
		for _, tt := range tests {
			want := map[string]string{"en": tt.en, "de": tt.de, "fr": tt.fr}[language]
			if got := Engine(tt.en); got != want {
				t.Errorf("%s: Engine(%q)\n got %q\nwant %q", language, tt.en, got, want)
			}
		}
	}
}

// FuzzEngine looks for a text that the engine's phrasebook cannot bear. What it
// says is never much longer than what it was given, so that a text cannot make
// it work without end.
func FuzzEngine(f *testing.F) {
	for _, text := range engineTexts() {
		f.Add(text)
	}
	f.Add("a: b: c: d: e: f. g; h: i. j")
	f.Add(strings.Repeat("failed: ", 200))
	f.Add(strings.Repeat("If it lasts: ", 100) + "{{.X}}")
	f.Add(strings.Repeat(". ", 40))
	f.Add("99999999999999999999999 photos waiting\xff")
	speakIn(f, "fr")
	f.Fuzz(func(t *testing.T, text string) {
		got := Engine(text)
		if len(got) > 400+20*len(text) {
			t.Errorf("%d bytes became %d", len(text), len(got))
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
