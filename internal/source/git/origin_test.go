package git

import (
	"strings"
	"testing"
)

func TestOrigin(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0123456789", 4)
	for _, row := range []struct {
		name, head, ref, packed, url string
		want                         Origin
	}{
		{"a branch", "ref: refs/heads/main", hash, "", "https://example.com/shop.git", Origin{hash, "https://example.com/shop"}},
		{"a packed branch", "ref: refs/heads/main", "", "# pack-refs with: peeled\n" + hash + " refs/heads/main\n", "git@example.com:me/shop.git", Origin{hash, "https://example.com/me/shop"}},
		{"a commit", hash, "", "", "ssh://git@example.com:2222/me/shop.git", Origin{hash, "https://example.com/me/shop"}},
		{"a login", hash, "", "", "https://me:token@example.com/shop.git?token=x", Origin{hash, "https://example.com/shop"}},
		{"a folder", hash, "", "", "/srv/git/shop.git", Origin{Revision: hash}},
		{"no repository", "", "", "", "", Origin{}},
		{"a commit that was not fetched", strings.Repeat("a", 40), "", "", "https://example.com/shop", Origin{Revision: strings.Repeat("a", 40)}},
	} {
		files := map[string]string{".git/HEAD": row.head + "\n", ".git/refs/heads/main": row.ref + "\n", ".git/packed-refs": row.packed, ".git/FETCH_HEAD": strings.Repeat("b", 40) + "\tnot-for-merge\tbranch 'other' of https://example.com/other\n" + hash + "\t\tbranch 'main' of " + row.url + "\n"}
		if got := OriginOf(func(name string) string { return files[name] }); got != row.want {
			t.Errorf("%s: %+v", row.name, got)
		}
	}
	if got := OriginOf(func(string) string { return "\x00[" }); got != (Origin{}) {
		t.Errorf("what is no text: %+v", got)
	}
}
