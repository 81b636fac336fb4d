package piwigo

// methods are those of the web service that have to do with sending photos [R3, S:
// ws.php]; those of the plug-in are from [C]. The order of parameters is that in which
// they are missed.
var methods map[string]method

func init() { // and not where it is declared, since a method lists them
	level := param{name: "level", kind: positive, max: highestLevel, def: "0"}
	category := param{name: "category", kind: id, list: always}
	token := param{name: "pwg_token", need: true}
	image := param{name: "image_id", kind: id}
	imageNeeded := param{name: "image_id", kind: id, need: true}
	plain := func(names ...string) []param {
		var out []param
		for _, n := range names {
			out = append(out, param{name: n})
		}
		return out
	}
	with := func(groups ...any) []param {
		var out []param
		for _, g := range groups {
			switch g := g.(type) {
			case param:
				out = append(out, g)
			case []param:
				out = append(out, g...)
			}
		}
		return out
	}
	community := plain("cat_id", "recursive", "public", "tree_output", "fullname")

	methods = map[string]method{
		"reflection.getMethodList": {serve: (*call).methodList},
		"pwg.getVersion":           {serve: (*call).version},
		"pwg.session.login":        {post: true, params: with(param{name: "username", need: true}, plain("password")), serve: (*call).login},
		"pwg.session.logout":       {serve: (*call).logout},
		"pwg.session.getStatus":    {serve: (*call).status},

		"pwg.users.api_key.create": {since: V160, post: true, serve: (*call).createKey},

		"pwg.categories.getList": {serve: (*call).categories, params: with(
			param{name: "cat_id", kind: positive}, param{name: "recursive", kind: boolean}, param{name: "public", kind: boolean},
			param{name: "tree_output", kind: boolean}, param{name: "fullname", kind: boolean}, plain("thumbnail_size", "search"),
			param{name: "limit", kind: positive})},
		"pwg.categories.getAdminList": {admin: true, serve: (*call).adminCategories, params: with(
			param{name: "cat_id", kind: positive}, plain("search"), param{name: "recursive", kind: boolean, def: "true"}, plain("additional_output"))},
		"pwg.categories.add": {admin: true, serve: (*call).addCategory, params: with(
			param{name: "name", need: true}, param{name: "parent", kind: positive}, plain("comment"), param{name: "visible", kind: boolean},
			plain("status"), param{name: "commentable", kind: boolean}, plain("position", "pwg_token"))},
		"pwg.categories.delete": {admin: true, post: true, serve: (*call).removeCategory, params: with(
			param{name: "category_id", list: may, need: true}, plain("photo_deletion_mode"), token)},
		"pwg.categories.getImages": {serve: (*call).categoryImages, params: with(
			param{name: "cat_id", kind: positive, list: always}, param{name: "recursive", kind: boolean},
			param{name: "per_page", kind: positive, max: 500, def: "100"}, param{name: "page", kind: positive, def: "0"}, plain("order"))},

		"pwg.images.exist": {admin: true, params: plain("md5sum_list", "filename_list"), serve: (*call).exist},
		"pwg.images.upload": {admin: true, post: true, serve: (*call).upload, params: with(
			plain("name"), category, level, param{name: "format_of", kind: id}, param{name: "update_mode", kind: boolean}, token)},
		"pwg.images.uploadAsync": {since: V13, admin: true, post: true, serve: (*call).uploadAsync, params: with(
			plain("username", "password"), param{name: "chunk", kind: positive, need: true}, param{name: "chunk_sum", need: true},
			param{name: "chunks", kind: positive, need: true}, param{name: "original_sum", need: true}, category,
			param{name: "filename", need: true}, plain("name", "author", "comment", "date_creation"), level, plain("tag_ids"), image)},
		"pwg.images.addSimple": {admin: true, post: true, serve: (*call).addSimple, params: with(
			category, plain("name", "author", "comment"), level, param{name: "tags", list: may}, image)},
		"pwg.images.addChunk": {admin: true, post: true, serve: (*call).addChunk, params: with(
			param{name: "data", need: true}, param{name: "original_sum", need: true}, param{name: "type", def: "file"}, param{name: "position", need: true})},
		"pwg.images.add": {admin: true, serve: (*call).add, params: with(
			plain("thumbnail_sum", "high_sum"), param{name: "original_sum", need: true},
			plain("original_filename", "name", "author", "date_creation", "comment", "categories", "tag_ids"), level,
			param{name: "check_uniqueness", kind: boolean, def: "true"}, image)},
		"pwg.images.uploadCompleted": {since: V13, admin: true, serve: (*call).uploadCompleted, params: with(
			param{name: "image_id", list: may}, token, param{name: "category_id", kind: id, need: true})},
		"pwg.images.emptyLounge": {since: V13, admin: true, serve: (*call).emptyLounge},
		"pwg.images.getInfo": {serve: (*call).imageInfo, params: with(
			imageNeeded, param{name: "comments_page", kind: positive, def: "0"}, param{name: "comments_per_page", kind: positive, max: 20, def: "10"})},
		"pwg.images.checkFiles": {admin: true, serve: (*call).checkFiles, params: with(
			imageNeeded, plain("file_sum", "thumbnail_sum", "high_sum"))},
		"pwg.images.setInfo": {admin: true, post: true, serve: (*call).setInfo, params: with(
			imageNeeded, plain("file", "name", "author", "date_creation", "comment", "categories", "tag_ids"),
			param{name: "level", kind: positive, max: highestLevel}, param{name: "single_value_mode", def: "fill_if_empty"},
			param{name: "multiple_value_mode", def: "append"}, plain("pwg_token"))},
		"pwg.images.setRank": {admin: true, post: true, serve: (*call).setRank, params: with(
			param{name: "image_id", kind: id, list: always, need: true}, param{name: "category_id", kind: id, need: true}, param{name: "rank", kind: id})},
		"pwg.images.delete":      {admin: true, post: true, params: with(param{name: "image_id", list: may, need: true}, token), serve: (*call).deleteImages},
		"pwg.images.checkUpload": {admin: true, serve: (*call).checkUpload},

		"pwg.tags.add":          {admin: true, params: []param{{name: "name", need: true}}, serve: (*call).addTag},
		"pwg.tags.getAdminList": {admin: true, serve: (*call).adminTags},
		"pwg.tags.getList":      {params: []param{{name: "sort_by_counter", kind: boolean}}, serve: (*call).tagList},

		"community.session.getStatus":  {community: true, serve: (*call).communityStatus},
		"community.categories.getList": {community: true, params: community, serve: (*call).communityCategories},
		"community.images.uploadCompleted": {community: true, serve: (*call).communityCompleted, params: with(
			param{name: "image_id", list: may, need: true}, token, param{name: "category_id", kind: id, need: true})},
	}
}
