package engine

import "testing"

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"https://user:secret@git.test/r.git":             "https://user:xxxxx@git.test/r.git",
		"https://token@git.test/r":                       "https://xxxxx@git.test/r",
		"https://u:p@ss:w@git.test/r":                    "https://u:xxxxx@git.test/r",
		"ssh://git@git.test/r":                           "ssh://git@git.test/r",
		"ssh://git:secret@git.test/r":                    "ssh://git:xxxxx@git.test/r",
		"clone 'http://a:b@c/d' and https://e:f@g/h\n":   "clone 'http://a:xxxxx@c/d' and https://e:xxxxx@g/h\n",
		"https://git.test/r@v1 by someone@example.com":   "https://git.test/r@v1 by someone@example.com",
		"git@git.test:team/repo.git":                     "git@git.test:team/repo.git",
		"fatal: unable to access 'https://:secret@h/p/'": "fatal: unable to access 'https://:xxxxx@h/p/'",
	} {
		if got := Redact(text); got != want {
			t.Errorf("Redact(%q) is %q, want %q", text, got, want)
		}
	}
}
