package project

import "testing"

func TestNameAfter(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"/home/me/shop": "shop", "/home/me/My Shop_2": "my-shop-2", "/home/me/.config": "config", "/home/me/Läden": "l-den",
		"/a/a-name-that-is-longer-than-the-forty-letters-of-a-stack": "a-name-that-is-longer-than-the-forty-let",
		"/": "default", "/home/店": "default", "": "default", "/srv/default": "default",
	} {
		if got := NameAfter(folder); got != want {
			t.Errorf("%s: %q, want %q", folder, got, want)
		}
	}
}

func TestNameBeside(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{"/home/me/blog": "blog", "/home/me/shop": "me-shop", "shop": "shop-2"} {
		if got := NameBeside(folder, "shop"); got != want {
			t.Errorf("%s: %q, want %q", folder, got, want)
		}
	}
}
