package piwigo

import (
	"os"
	"strings"
)

// story is captures that were taken on one gallery, in the order that their IDs tell.
// The sessions are named by the user that they belong to.
type story struct {
	name     string
	options  Options
	sessions map[string]string // end of the cookie -> user; "" for nobody
	steps    []step
}

// step is a capture, with what is done before it, or something between two captures.
type step struct {
	capture string
	before  func(r *replay)
}

func steps(names ...string) []step {
	var out []step
	for _, n := range names {
		out = append(out, step{capture: n})
	}
	return out
}

// elsewhere are the captures of which no story can be told.
var elsewhere = map[string]string{
	"redirect_get":           "the redirect is one of package practice's faults",
	"tf_lockout":             "nobody enters codes here",
	"mkdir_race":             "TestTheFirstPhotosOfADayRace",
	"exist_after_mkdir_race": "TestTheFirstPhotosOfADayRace",
}

// labUsers are the accounts of the gallery that the captures are from.
func labUsers() []User {
	return []User{
		{ID: 1, Name: "admin", Password: "secret", Status: Webmaster},
		{ID: 4, Name: "norbert", Password: "secret", Status: Normal},
		{ID: 5, Name: "tess", Password: "secret", Status: Admin, TwoFactor: true},
		{ID: 3, Name: "carla", Password: "secret", Status: Normal, Grants: []Grant{
			{Album: 1, Create: true, Moderated: true}, {Album: 2},
		}},
	}
}

func labKeys() []APIKey {
	key := func(letter, user string, revoked bool) APIKey {
		return APIKey{
			ID: "pkid-20260102-" + strings.Repeat(strings.ToUpper(letter), 20), Secret: strings.Repeat(letter, 40),
			User: user, Revoked: revoked,
		}
	}
	return []APIKey{key("a", "admin", false), key("b", "tess", false), key("c", "admin", true)}
}

func stories() []story {
	change := func(f func(*Options)) func(*replay) {
		return func(r *replay) { r.configure(f) }
	}
	main := steps("get_version", "status_guest", "exist_guest", "login_get", "login_wrong", "login_ok", "status_admin", "status_normal",
		"exist_normal", "logout", "method_list", "unknown_method", "no_method", "not_found", "checkupload", "comm_absent",
		"login_page", "apikey_bad", "apikey_revoked", "apikey_authz", "apikey_create_ws", "apikey_header_status", "apikey_login",
		"apikey_login_status", "apikey_session_login", "async_login_wrong", "addsimple_session_lost",
		"cat_add", "cat_add_child", "apikey_get_ignored", "cat_list", "cat_list_tree", "cat_adminlist", "cat_add_same_name",
		"cat_add_badparent", "cat_add_emoji", "exist_absent", "exist_nothing_asked", "addsimple_ok", "info_in_lounge", "exist_present",
		"cat_images_lounge", "completed_bad_token", "completed_no_category", "completed_bad_category", "addsimple_full",
		"completed_ok", "completed_again", "info_full", "tags_list", "tags_add", "tags_add_exists", "tags_adminlist", "addsimple_replace",
		"addsimple_replace_missing", "checkfiles_ok", "cat_images", "info_missing", "addsimple_date", "info_date",
		"addsimple_date_exif", "info_date_exif", "addsimple_two_albums", "addsimple_no_category", "addsimple_badcat",
		"addsimple_category_abc", "addsimple_no_file", "addsimple_duplicate", "addsimple_emoji_title")
	main = append(main,
		step{"prod_emoji_title", change(func(o *Options) { o.HideErrors = true })}, step{capture: "prod_emoji_album"},
		step{"exist_after_emoji", change(func(o *Options) { o.HideErrors = false })})
	main = append(main, steps("type_png_as_jpg", "truncated_jpeg", "type_text", "type_empty", "type_heic", "quotes_in_name",
		"quotes_in_name_info", "addsimple_apikey", "upload_ok", "upload_duplicate", "upload_chunk", "upload_chunk_last",
		"upload_no_category", "upload_bad_token", "upload_badcat", "upload_update_mode", "async_chunk_3", "async_chunk_1",
		"async_chunk_1_again", "async_last", "async_single", "async_duplicate", "async_missing", "async_bad_chunk_number",
		"async_bad_chunk_sum", "async_bad_file_sum", "async_upper_case", "async_replace_missing")...)
	main = append(main, step{"async_stuck_merged", func(r *replay) {
		merged := r.text("339154e977e445c723b830e79b9f86cb") + "-u1.merged"
		if err := os.WriteFile(r.store.buffer(merged), nil, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}})
	main = append(main, step{"async_quotes", func(r *replay) { r.as("admin").simple("twenty.jpg", picture(20), field{"category", 9999}) }})
	main = append(main, steps("setinfo_name", "setinfo_name_info", "setinfo_ok", "setinfo_badcat", "setinfo_bad_date", "emptylounge",
		"addchunk_ok", "add_ok", "add_duplicate")...)
	main = append(main, step{"add_incomplete", func(r *replay) {
		whole := r.bytes("272608459a2db050dd86e35a1205793a", "")
		block := r.text("272608459a2db050dd86e35a1205793a") + "-file-00000.block"
		if err := os.WriteFile(r.store.buffer(block), whole[:len(whole)/2], 0o600); err != nil {
			r.t.Fatal(err)
		}
	}})
	main = append(main, steps("add_incomplete_exist", "checkfiles_incomplete", "delete_ok", "delete_missing", "cat_delete")...)
	main = append(main,
		step{"warn_exist", change(func(o *Options) { o.WarningRate = 1 })}, step{capture: "warn_addsimple"},
		step{"gateway_timeout", change(func(o *Options) { o.WarningRate, o.TimeoutEvery = 0, 1 })},
		step{"exist_after_504", change(func(o *Options) { o.TimeoutEvery = 0 })},
		step{"exist_other_mode", change(func(o *Options) { o.Uniqueness = UniqueFilename })}, step{capture: "exist_filename_mode"},
		step{"cache_rebuild_503", change(func(o *Options) { o.Uniqueness, o.CacheBusyEvery = UniqueMD5, 1 })},
		step{"status_alltypes", change(func(o *Options) {
			o.CacheBusyEvery = 0
			o.FileTypes = strings.Split("jpg,jpeg,png,gif,webp,tiff,tif,heic,cr2,mp4,mov,pdf", ",")
		})}, step{capture: "type_unexpected"},
		step{"ip_other", func(r *replay) {
			r.visit("5")
			r.configure(func(o *Options) { o.ClientAddress = "10.1.2.3" })
		}},
	)
	admin := map[string]string{
		"3": "admin", "5": "admin", "8": "admin", "15": "admin", "16": "admin", "17": "admin", "18": "admin", "19": "admin", "20": "admin",
		"4": "norbert", "6": "norbert",
	}
	return []story{
		{name: "main", sessions: admin, steps: main},
		{name: "PHP limits", sessions: admin, options: Options{UploadMax: 2 << 20, PostMax: 8 << 20},
			steps: steps("limit_file_addsimple", "limit_file_async", "limit_file_upload", "limit_post", "limit_post_url")},
		{name: "nginx limit", sessions: admin, options: Options{MaxBody: 1 << 20}, steps: steps("limit_nginx")},
		{name: "basic auth", options: Options{FrontUser: "front", FrontPassword: "doorpass"}, steps: steps("basic_none", "basic_login")},
		{name: "two factor", options: Options{TwoFactor: TwoFactorError}, steps: steps("tf_login", "tf_apikey_header")},
		{name: "community", options: Options{Community: true}, sessions: map[string]string{"21": "carla"}, steps: append([]step{
			{"comm_status", func(r *replay) {
				a := r.as("admin")
				a.album("Members")
				a.album("Open")
				a.album("Closed")
			}}}, steps("comm_real_status", "comm_albums", "comm_albums_real", "comm_addsimple_moderated", "comm_addsimple_open",
			"comm_addsimple_forbidden", "comm_pwg_completed", "comm_completed", "comm_info", "comm_async", "comm_cat_add",
			"comm_cat_add_denied", "comm_cat_add_root")...)},
	}
}
