package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// dashboard is the page in a browser.
type dashboard struct {
	*api
	page context.Context
}

// witness runs in the page before its own scripts: it remembers what went wrong, and every state that a card showed.
const witness = `
	window.problems = []; window.seen = [];
	addEventListener("error", (e) => problems.push(e.message));
	addEventListener("unhandledrejection", (e) => problems.push(String(e.reason)));
	addEventListener("securitypolicyviolation", (e) => problems.push(e.violatedDirective + " " + e.blockedURI));
	new MutationObserver(() => {
		for (const card of document.querySelectorAll("[data-service]")) {
			const now = card.dataset.service + " " + card.querySelector(".state").textContent;
			if (!seen.includes(now)) seen.push(now);
		}
	}).observe(document, { subtree: true, childList: true, characterData: true });`

func (a *api) open(fragment string) *dashboard {
	a.Helper()
	d := &dashboard{a, browser(a.TB)}
	on(a.TB, d.page, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: witness})
		return err
	}))
	visit(a.TB, d.page, fmt.Sprintf("http://localhost:%d/%s", a.ports["api"], fragment))
	return d
}

// js is the value of an expression in the page.
func js[T any](d *dashboard, expression string) T {
	d.Helper()
	return on(d.TB, d.page, chromedp.Evaluate[T](expression))
}

// shows waits until an expression is true in the page, whether or not a stack runs.
func (d *dashboard) shows(what, expression string) {
	d.Helper()
	for end := time.Now().Add(time.Minute); !js[bool](d, "Boolean("+expression+")"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			screenshot(d.TB, d.page, "dashboard-failed")
			d.Fatalf("the page never shows %s\nproblems: %q\n%s", what, js[[]string](d, "problems"), tail(js[string](d, "document.body.innerText")))
		}
	}
}

func (d *dashboard) click(selector string) {
	d.Helper()
	on(d.TB, d.page, chromedp.Click(selector))
}

// press types keys as a keyboard does: the text of one comes with it, and not at all if the page has prevented that.
// (chromedp.KeyEvent sends it apart.)
func (d *dashboard) press(keys string) {
	d.Helper()
	on(d.TB, d.page, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			text := ""
			for _, event := range kb.Encode(r) {
				if event.Type == kb.KeyChar {
					text = event.Text
				}
			}
			for _, event := range kb.Encode(r) {
				switch event.Type {
				case kb.KeyChar:
					continue
				case kb.KeyDown:
					event.Text = text
				}
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *event); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// interrupt presses Ctrl-C.
func (d *dashboard) interrupt() {
	d.Helper()
	on(d.TB, d.page, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			key := input.DispatchKeyEventParams{Type: kind, Modifiers: int64(kb.ModifierCtrl), Key: "c", Code: "KeyC", WindowsVirtualKeyCode: 67}
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, key); err != nil {
				return err
			}
		}
		return nil
	}))
}

// look sets the window's width and the colours that its user prefers.
func (d *dashboard) look(width, height int64, scheme string) {
	d.Helper()
	on(d.TB, d.page, chromedp.EmulateViewport(width, height))
	on(d.TB, d.page, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// shown is the text of a part of a service's card.
func shown(service, part string) string {
	return fmt.Sprintf(`(document.querySelector("[data-service=%s] .%s")?.textContent ?? "")`, service, part)
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	s := plain(t)
	up := s.up()
	api := up.api()
	d := api.open("#token=" + api.token)
	d.shows("all healthy", `document.getElementById("verdict").textContent === "All 3 services healthy"`)
	if address := js[string](d, "location.href"); address != fmt.Sprintf("http://localhost:%d/", s.ports["api"]) {
		t.Errorf("the token stays in the address: %s", address)
	}
	d.testKill()
	d.testRestartButton()
	d.testLog()
	d.testLooks()
	d.testTerminal()

	// It comes back by itself when the stack does.
	up.end()
	d.shows("that the stack is gone", `!document.getElementById("lost").hidden && document.querySelector(".restart").disabled`)
	screenshot(t, d.page, "dashboard-lost")
	s.up()
	d.shows("the next up", `document.body.dataset.link === "live" && document.getElementById("verdict").textContent === "All 3 services healthy"`)
	s.get("backend", "/print/back-again")
	d.shows("its lines", `document.getElementById("lines").textContent.includes("back-again")`)
	if problems := js[[]string](d, "problems"); len(problems) > 0 {
		t.Errorf("in the page: %q", problems)
	}
}

// What happens to a service is seen: a crash and what follows, and a service that answers but is sick.
func (d *dashboard) testKill() {
	http.Get(fmt.Sprintf("http://127.0.0.1:%d/exit", d.ports["backend"])) // ends the process before it answers
	d.shows("the crash", `seen.includes("backend restarting") || seen.includes("backend starting")`)
	d.shows("the next process", shown("backend", "restarts")+` === "1 restart" && `+shown("backend", "state")+` === "healthy"`)
	d.get("backend", "/sick")
	d.shows("the sick service", `document.getElementById("verdict").textContent === "backend is unhealthy" && `+shown("backend", "detail")+`.includes("failed in a row")`)
	screenshot(d.TB, d.page, "dashboard-unhealthy")
}

// The button asks first; a wrong token is told and asked for anew; the right one restarts.
func (d *dashboard) testRestartButton() {
	const button = "[data-service=backend] .restart"
	old := d.pid("backend")
	d.click(button)
	d.shows("the question", `document.getElementById("restart").open`)
	screenshot(d.TB, d.page, "dashboard-restart")
	d.press(kb.Escape)
	d.shows("no question", `!document.getElementById("restart").open`)
	js[any](d, `sessionStorage.setItem("stack-token", "wrong")`)
	d.click(button)
	d.click("#restart-yes")
	d.shows("that the token is wrong", `document.getElementById("restart-error").textContent.includes("not the token") && document.activeElement.id === "token"`)
	if now := d.pid("backend"); now != old {
		d.Errorf("restarted without the token: pid %d, then %d", old, now)
	}
	d.press(d.token + kb.Enter)
	d.shows("what was done", `document.getElementById("notice").textContent.includes("backend restarted: pid ")`)
	d.shows("a healthy service", shown("backend", "state")+` === "healthy"`)
}

func (d *dashboard) pid(service string) int {
	d.Helper()
	var one struct{ PID int }
	d.read("./services/"+service, 200, &one)
	return one.PID
}

// Ten thousand lines are all there, scroll, and cost nothing where they are not seen. Text is never HTML.
func (d *dashboard) testLog() {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.ports["backend"]))
	if err != nil {
		d.Fatal(err)
	}
	fmt.Fprint(conn, "GET /print/<img/src=x/onerror=alert(1)> HTTP/1.0\r\n\r\n")
	conn.Close()
	d.shows("the text of it", `document.getElementById("lines").textContent.includes("<img/src=x/onerror=alert(1)>") && !document.querySelector("#lines img")`)

	d.get("backend", "/lines/10000")
	d.shows("the newest line", `document.getElementById("lines").textContent.includes("number 9999")`)
	js[any](d, `document.querySelector("#filter [value=backend]").click(), document.getElementById("follow").click()`) // not following
	d.shows("its lines alone", `document.getElementById("count").textContent.includes(" of 10,000 lines")`)
	// The window goes from the end to the beginning and back; at each stop the lines in it are consecutive.
	var stops []struct {
		Lines   []int
		Skipped int
	}
	text := on(d.TB, d.page, chromedp.Evaluate[string](`(async () => {
		const log = document.getElementById("log"), frame = () => new Promise((r) => { requestAnimationFrame(() => setTimeout(r)); setTimeout(r, 500); });
		const stops = [];
		for (const share of [1, .75, .5, .25, 0, .4, .8, 1]) {
			log.scrollTop = share * log.scrollHeight;
			await frame(); await frame();
			const box = log.getBoundingClientRect(), lines = [];
			for (let y = box.top + 20; y < box.bottom - 20; y += 20) {
				const found = document.elementFromPoint(box.left + 200, y)?.closest(".row")?.textContent.match(/number (\d+)$/);
				if (found) lines.push(Number(found[1]));
			}
			const rows = [...document.querySelectorAll(".row")];
			const skipped = rows.filter((row) => !row.checkVisibility({ contentVisibilityAuto: true })).length;
			stops.push({ lines: lines, skipped });
		}
		return JSON.stringify(stops);
	})()`, chromedp.EvalAwaitPromise))
	if err := json.Unmarshal([]byte(text), &stops); err != nil {
		d.Fatal(err)
	}
	for i, stop := range stops {
		for j, line := range stop.Lines[min(1, len(stop.Lines)):] {
			if line != stop.Lines[j]+1 {
				d.Errorf("stop %d: line %d after %d", i, line, stop.Lines[j])
			}
		}
		if len(stop.Lines) < 5 || stop.Skipped < 9000 {
			d.Errorf("stop %d: %d lines seen, %d of 10000 skipped", i, len(stop.Lines), stop.Skipped)
		}
	}
	d.shows("that the end is followed again", `document.getElementById("follow").checked`)
	js[any](d, `document.getElementById("log").focus()`)
	d.press(kb.Home)
	d.shows("not following", `!document.getElementById("follow").checked`)
	d.get("backend", "/print/one-more")
	d.shows("that there is more", `!document.getElementById("newest").hidden`)
	d.click("#newest")
	d.shows("the end", `document.getElementById("follow").checked && document.getElementById("newest").hidden`)

	d.press("/")
	d.press("number 9876")
	d.shows("what was found", `document.getElementById("count").textContent.startsWith("1 of ") && document.querySelector("mark").textContent === "number 9876"`)
	d.press(" and more")
	d.shows("that there is none", `!document.getElementById("empty").hidden && document.getElementById("empty").textContent.includes("number 9876 and more")`)
	d.press(kb.Escape)
	d.shows("all again", `document.getElementById("search").value === "" && document.querySelectorAll(".row").length > 9000`)
	js[any](d, `document.querySelector("#filter [value='']").click()`)
}

// At every width and in both colours nothing is cut off and all text stands out (WCAG 2: 4.5 to 1).
func (d *dashboard) testLooks() {
	for _, look := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"light", 1280, 800, "light"}, {"dark", 1280, 800, "dark"}, {"phone", 390, 844, "light"}, {"phone-dark", 390, 844, "dark"}, {"narrow", 320, 568, "light"}} {
		d.look(look.width, look.height, look.scheme)
		time.Sleep(500 * time.Millisecond) // colours fade
		if wide := js[int](d, "document.documentElement.scrollWidth"); wide > int(look.width) {
			d.Errorf("%s: the page is %d wide", look.name, wide)
		}
		if faint := d.faint(dashboardText); len(faint) > 0 {
			d.Errorf("%s: too faint: %q", look.name, faint)
		}
		screenshot(d.TB, d.page, "dashboard-"+look.name)
	}
	if unnamed := js[[]string](d, `[...document.querySelectorAll("button, input, [role=img]")].filter((e) =>
		!(e.ariaLabel || e.textContent.trim() || e.labels?.length || e.getAttribute("aria-labelledby"))).map((e) => e.outerHTML)`); len(unnamed) > 0 {
		d.Errorf("without a name for screen readers: %q", unnamed)
	}
}

// The terminal of a service is a shell in it: what is typed is run there, in a page that loads nothing from elsewhere.
func (d *dashboard) testTerminal() {
	d.look(640, 480, "light")
	js[any](d, `document.querySelector("[data-service=backend] .open").removeAttribute("target")`) // in this tab
	d.click("[data-service=backend] .open")
	d.shows("a shell", `document.body?.dataset.link === "live" && `+screen+`.match(/[$#]\s*$/)`)
	d.press("id -u; echo begun $((40+2)); ls --color=always /" + kb.Enter)
	d.shows("what it answers", screen+`.includes("1000begun 42")`)
	d.press("echo sleeps $((1+1)); sleep 600" + kb.Enter)
	d.shows("that it sleeps", screen+`.includes("sleeps 2")`)
	d.interrupt()
	d.shows("Ctrl-C", screen+`.includes("^C")`)
	d.press("echo interrupted $?" + kb.Enter)
	d.shows("the end of what it ran", screen+`.includes("interrupted 130")`)
	if tall := js[int](d, "document.documentElement.scrollHeight"); tall > 480 {
		d.Errorf("the terminal's page is %d tall in a window of 480", tall)
	}
	d.shows("blue on green that can be read", `[...document.querySelectorAll(".xterm-rows span")].some((e) => e.textContent.includes("tmp"))`)
	if faint := d.faint(`document.querySelectorAll(".xterm-rows span")`); len(faint) > 0 {
		d.Errorf("text of the terminal that is hard to read: %q", faint)
	}
	screenshot(d.TB, d.page, "dashboard-terminal")
	d.look(320, 568, "dark")
	d.press("clear; seq 1 400; echo size $(stty size)" + kb.Enter)
	d.shows("the size of a phone", screen+`.match(/size \d+ [23]\d\D/)`)
	if wide := js[int](d, "document.documentElement.scrollWidth"); wide > 320 {
		d.Errorf("the terminal's page is %d wide in a window of 320", wide)
	}
	if left := js[float64](d, `document.querySelector(".xterm-screen").getBoundingClientRect().left - document.getElementById("terminal").getBoundingClientRect().left`); left < 0 {
		d.Errorf("the terminal's text begins %v pixels left of the terminal: it is scrolled", -left)
	}
	screenshot(d.TB, d.page, "dashboard-terminal-phone")
	d.press("exit 3" + kb.Enter)
	d.shows("the end of the shell", screen+`.includes("with exit code 3")`)
	screenshot(d.TB, d.page, "dashboard-terminal-ended")
	js[any](d, `sessionStorage.setItem("stack-token", "wrong")`)
	d.press(kb.Enter)
	d.shows("that the token is wrong", `document.getElementById("ask").open && !document.getElementById("ask-error").hidden`)
	d.press(d.token + kb.Enter)
	d.shows("another shell", `document.body?.dataset.link === "live"`)
	if problems := js[[]string](d, "problems"); len(problems) > 0 {
		d.Errorf("in the terminal's page: %q", problems)
	}
	visit(d.TB, d.page, fmt.Sprintf("http://localhost:%d/", d.ports["api"]))
	d.shows("the dashboard", `document.body?.dataset.link === "live"`)
}

// screen is the text of the terminal.
const screen = `(document.querySelector(".xterm-rows")?.textContent ?? "")`

// faint are texts that are too like their background, of what an expression finds in the page.
func (d *dashboard) faint(elements string) []string {
	d.Helper()
	return js[[]string](d, strings.ReplaceAll(contrast, "ELEMENTS", elements))
}

// dashboardText is the text of the dashboard, with the last lines of the log.
const dashboardText = `[...document.querySelectorAll("header *, .card *, .tools *"), ...[...document.querySelectorAll(".row")].slice(-30).flatMap((r) => [r, ...r.querySelectorAll("*")])]`

const contrast = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
	const over = (below, colour) => {
		canvas.fillStyle = "rgb(" + below.join() + ")"; canvas.fillRect(0, 0, 1, 1);
		canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
	};
	const light = (c) => c.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const behind = (e) => e ? over(behind(e.parentElement), getComputedStyle(e).backgroundColor) : [255, 255, 255];
	const faint = new Set();
	for (const e of ELEMENTS) {
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility() || e.disabled) continue;
		const back = behind(e), front = over(back, getComputedStyle(e).color);
		const [a, b] = [light(back), light(front)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
		if (ratio < 4.5) faint.add(e.className + " " + e.textContent.slice(0, 20) + " " + ratio.toFixed(2));
	}
	return [...faint];
})()`
