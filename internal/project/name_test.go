package project

import "testing"

func TestNameAfter(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"/home/me/shop": "shop", "/home/me/My Shop_2": "my-shop-2", "/home/me/.config": "config", "/home/me/Läden": "l-den",
		"/a/a-name-that-is-longer-than-the-forty-letters-of-a-stack": "a-name-that-is-longer-than-the-forty-let",
		"/": "NAME", "/home/店": "NAME", "": "NAME", "/srv/default": "NAME",
	} {
		if got := NameAfter(folder); got != want {
			t.Errorf("%s: %q, want %q", folder, got, want)
		}
	}
}
