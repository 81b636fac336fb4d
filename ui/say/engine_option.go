package say

// optionTexts explain the services' own settings where an account is added.
var optionTexts = []string{
	known("the server's webapi.apikey, if it has one"),
	known(`"no" trusts the answer to an upload; otherwise the server is asked for each photo after it`),
	known(`where photos go that no folder has an album for: a path such as "Holidays/2026", or "id:12"; {{.Album}} otherwise`),
	known("the author of all photos"),
	known("user of the web server in front of Piwigo, if it asks for one (HTTP basic auth)"),
	known("password of the web server in front"),
	known("photos sent at once, 1 to 4; 2 already take all that a usual server has"),
	known("who may see the photos: 0 everybody, 1 contacts, 2 friends, 4 family, 8 administrators"),
	known(`how photos are sent: "auto", or always by "simple" (addSimple), "async" (uploadAsync) or "upload"`),
	known(`"yes" lets the method "upload" replace a photo of the same file name in the album`),
	known("the API key of your application, from https://www.ipernity.com/apps/key; its secret is the account's secret"),
	known("who may see the photos: private (without this option), family, friends, friends+family, public"),
	known("all-rights-reserved, cc-by, cc-by-nc, cc-by-nd, cc-by-nc-nd, cc-by-sa, cc-by-nc-sa, copyleft, or the site's code; without it the site's setting counts"),
	known("who may comment: nobody, family, friends, friends+family, contacts, everybody; without it the site's setting counts"),
	known("who may add keywords, in the same words"),
	known("who may mark himself on a photo, in the same words"),
	known("the album of photos that no folder names one for; without it they are in none"),
	known(`"no" hides where a photo was taken, also when the file says it`),
	known("uploads at once: 1 (without this option), 2 or 3"),
	known("the application's key (required)"),
	known("the community, by its system name (required)"),
	known("the album for photos without one of their own; without it they go to the application's default album"),
	known(`what the site answers in: "json" or "xml"`),
}
