package kubernetes

import (
	"slices"
	"testing"

	"dagger/stack/internal/spec"
)

func TestFlags(t *testing.T) {
	t.Parallel()
	o, err := Flags{Hosts: []string{"shop.example.com"}, Images: []string{"api=r/api:1"}, External: []string{"redis=cache"}}.Options(shop())
	if err != nil || o.Hosts["web"] != "shop.example.com" || o.Images["api"] != "r/api:1" || o.External["redis"] != "cache" {
		t.Errorf("%+v, %v", o, err)
	}
	for want, flags := range map[string]Flags{
		`--image "web": want SERVICE=VALUE, e.g. --image web=registry.example.com/shop/web:1.2`: {Images: []string{"web"}},
		`--image: web is given twice, a and b`:                                                  {Images: []string{"web=a", "web=b"}},
	} {
		if _, err := flags.Options(shop()); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if got, err := Reference("registry.example.com/shop/", "My_Web", "1.2"); err != nil || got != "registry.example.com/shop/my-web:1.2" {
		t.Errorf("%s, %v", got, err)
	}
	for _, bad := range [][2]string{{"shop", "1"}, {"registry.example.com/shop", "a b"}, {"REGISTRY.example.com/Shop", "1"}} {
		if got, err := Reference(bad[0], "web", bad[1]); err == nil {
			t.Errorf("%v is %s", bad, got)
		}
	}
	user, err := UserOf(spec.Service{Process: spec.Process{User: "web", Groups: []string{"logs"}}}, "root:x:0:0::/:/bin/sh\nweb:x:101:102::/:/bin/sh\n", "web:x:102:\nlogs:x:7:\n")
	if err != nil || user.UID != 101 || user.GID != 102 || !slices.Equal(user.Groups, []int64{7}) {
		t.Errorf("%+v, %v", user, err)
	}
	if _, err := UserOf(spec.Service{Name: "x", Process: spec.Process{User: "nobody-knows"}}, "", ""); err == nil {
		t.Error("a user that the image does not have")
	}
}
