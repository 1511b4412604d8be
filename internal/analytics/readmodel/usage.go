package readmodel

import (
	"maps"
	"slices"
)

// usageEvents are the names that usage events may have, with the properties
// that each may carry and the values that those may have. There is no free
// text among them: nothing that a person typed can be recorded.
var usageEvents = map[string]map[string][]string{
	"view_opened":       {"view": views, "device": devices},
	"task_opened":       {"view": views, "device": devices},
	"search_used":       {"result": {"found", "nothing"}, "device": devices},
	"palette_used":      {"device": devices},
	"shortcut_used":     {"view": views},
	"import_started":    {"format": {"trello", "other"}},
	"undo_used":         {"source": {"keyboard", "pointer"}},
	"went_offline":      {"device": devices},
	"dashboard_changed": {"view": views},
}

var (
	views   = []string{"board", "list", "task", "search", "history", "analytics", "inbox", "members", "imports", "settings"}
	devices = []string{"desktop", "phone"}
)

// UsageNames are the names that usage events may have, sorted.
func UsageNames() []string { return slices.Sorted(maps.Keys(usageEvents)) }

// UsageValues are the values that a property of an event may have, nil for
// one that it does not take, and whether there is such an event.
func UsageValues(name, property string) (values []string, known bool) {
	properties, known := usageEvents[name]
	return properties[property], known
}
