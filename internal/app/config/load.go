package config

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"
)

// Loader reads the settings of one process.
type Loader struct {
	config   Config
	settings []setting
	file     string
}

// NewLoader adds a flag for every setting, and --config, to the flag set.
func NewLoader(flags *pflag.FlagSet) *Loader {
	l := new(Loader)
	l.settings = table(&l.config)
	for _, s := range l.settings {
		flags.AddFlag(s.flag)
	}
	flags.StringVar(&l.file, "config", "", "A settings `file` (YAML); see the reference of settings")
	return l
}

// Load answers the settings, after the flags were parsed. getenv is
// os.LookupEnv but in tests. It does not validate.
func (l *Loader) Load(getenv func(string) (string, bool)) (Config, error) {
	if l.file == "" {
		l.file, _ = getenv(EnvPrefix + "CONFIG")
	}
	file, err := l.readFile()
	if err != nil {
		return Config{}, err
	}
	var errs []error
	set := func(s setting, value, source string) {
		if err := s.flag.Value.Set(value); err != nil {
			errs = append(errs, fmt.Errorf("%s: %q is not a value of %s (%s)", source, value, s.key, s.flag.Value.Type()))
		}
	}
	given := make(map[string]bool, len(l.settings))
	for _, s := range l.settings {
		given[s.key] = true
		switch env, inEnv := getenv(s.EnvName()); {
		case s.flag.Changed:
		case inEnv:
			set(s, env, "the environment variable "+s.EnvName())
		case file[s.key] != nil:
			set(s, *file[s.key], l.file)
		default:
			given[s.key] = false
		}
	}
	for _, s := range l.settings {
		if preset, ok := presets[l.config.Environment][s.key]; ok && !given[s.key] {
			set(s, preset, "preset")
		}
	}
	return l.config, errors.Join(errs...)
}

// readFile answers the values of the settings file by key. A key that is not
// a setting's is an error.
func (l *Loader) readFile() (map[string]*string, error) {
	if l.file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(l.file)
	if err != nil {
		return nil, fmt.Errorf("the settings file: %w", err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("%s is not YAML that can be read: %s", l.file, yaml.FormatError(err, false, true))
	}
	known := make(map[string]bool, len(l.settings))
	for _, s := range l.settings {
		known[s.key] = true
	}
	values := map[string]*string{}
	var unknown []string
	flatten("", tree, func(key, value string) {
		if !known[key] {
			unknown = append(unknown, key)
		}
		values[key] = &value
	})
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return nil, fmt.Errorf("%s has what is no setting: %s. `headway config reference` lists them all", l.file, strings.Join(unknown, ", "))
	}
	return values, nil
}

// flatten joins the names of levels with dots, and lists with commas.
func flatten(prefix string, tree map[string]any, emit func(key, value string)) {
	for name, value := range tree {
		key := prefix + name
		switch v := value.(type) {
		case map[string]any:
			flatten(key+".", v, emit)
		case []any:
			parts := make([]string, len(v))
			for i, part := range v {
				parts[i] = fmt.Sprint(part)
			}
			emit(key, strings.Join(parts, ","))
		case nil:
			emit(key, "")
		default:
			emit(key, fmt.Sprint(v))
		}
	}
}
