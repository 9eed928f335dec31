package render

import "testing"

func TestUp(t *testing.T) {
	for _, c := range []struct {
		failed []string
		want   string
	}{
		{nil, "\nstack \"shop\" is healthy: keep it running with its ports published by a second `up`: dagger call --name shop up --project-path … up\nlogs       dagger call --name shop logs --follow\n"},
		{[]string{"mail", "jobs"}, "\nstack \"shop\" runs without mail, jobs, which failed: keep it running with its ports published by a second `up`: dagger call --name shop up --project-path … up\nlogs       dagger call --name shop logs --follow\n"},
	} {
		if got := Up("shop", c.failed); got != c.want {
			t.Errorf("failed %v: %q\nwant %q", c.failed, got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	want := "dashboard  http://localhost:9010/#token=T\nAPI        http://localhost:9010/api/v1/projects/shop  (token T)\n"
	if got := Addresses("shop", 9010, "T"); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}
