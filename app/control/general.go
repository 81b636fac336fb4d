package control

import "context"

// GeneralEngine reads and changes the settings that concern the whole program.
type GeneralEngine interface {
	General(ctx context.Context) (General, error)
	// ChangeGeneral takes over what is set in c, all of it or, with a problem, nothing.
	ChangeGeneral(ctx context.Context, c GeneralChange) (General, error)
	// ExportSettings returns the settings file's text without anything secret.
	ExportSettings() (SettingsText, error)
	// ImportSettings adds accounts and folders of such a text that are not
	// there yet, and takes over its general settings. Secrets are to be entered
	// again.
	ImportSettings(ctx context.Context, t SettingsText) (Imported, error)
}

// General is what concerns the whole program.
type General struct {
	Parallel      int    `json:"parallel"`      // photos at the same time, for each account: 1 to 8
	Bandwidth     string `json:"bandwidth"`     // "unlimited", or bytes a second such as "2 MB"
	QuietHours    string `json:"quiet_hours"`   // "" for none, or such as "22:00-07:00"; nothing is sent then
	Metered       bool   `json:"metered"`       // send over metered networks too
	BatteryBelow  int    `json:"battery_below"` // on battery, send nothing below this percentage: 0 never stops, 101 always
	RescanEvery   string `json:"rescan_every"`  // a duration
	Notifications bool   `json:"notifications"`
	Theme         string `json:"theme"`    // system, light, dark
	Language      string `json:"language"` // system, en, de, fr
	LogLevel      string `json:"log_level"`
	Autostart     bool   `json:"autostart"` // starts with the computer

	// Missing says, by the JSON name of a setting, why it can have no effect
	// here, such as metered where the desktop does not tell.
	Missing map[string]string `json:"missing,omitempty"`
	Files   Files             `json:"files"`
}

// Files are where things lie.
type Files struct {
	Settings string `json:"settings"`
	Queue    string `json:"queue"`
	Secrets  string `json:"secrets"` // a file, or in words the keyring
	Log      string `json:"log,omitempty"`
}

// GeneralChange changes what is not nil.
type GeneralChange struct {
	Parallel      *int    `json:"parallel,omitempty"`
	Bandwidth     *string `json:"bandwidth,omitempty"`
	QuietHours    *string `json:"quiet_hours,omitempty"`
	Metered       *bool   `json:"metered,omitempty"`
	BatteryBelow  *int    `json:"battery_below,omitempty"`
	RescanEvery   *string `json:"rescan_every,omitempty"`
	Notifications *bool   `json:"notifications,omitempty"`
	Theme         *string `json:"theme,omitempty"`
	Language      *string `json:"language,omitempty"`
	LogLevel      *string `json:"log_level,omitempty"`
	Autostart     *bool   `json:"autostart,omitempty"`
}

// SettingsText is a settings file.
type SettingsText struct {
	Text string `json:"text"`
}

// Imported says what an import brought.
type Imported struct {
	Accounts []string `json:"accounts"` // names that are new; each needs to be signed in to
	Folders  []string `json:"folders"`  // paths that are new
	Kept     []string `json:"kept"`     // names and paths that were there already and stay as they are
}
