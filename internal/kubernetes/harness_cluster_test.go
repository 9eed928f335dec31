//go:build kube

package kubernetes

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"dagger/stack/internal/freeport"
)

// cluster is a kube-apiserver with its etcd, and nothing else: it takes objects, and runs none. KUBE_PROGRAMS is the folder that
// tests/kube/build.sh prints; `make kube` sets it.
type cluster struct {
	*testing.T
	url    string
	client *http.Client
}

const token = "kube-test"

func newCluster(t *testing.T) *cluster {
	t.Helper()
	programs := os.Getenv("KUBE_PROGRAMS")
	if programs == "" {
		t.Fatal("KUBE_PROGRAMS is not set: run make kube")
	}
	dir, etcd, peer, api := t.TempDir(), freeport.For(t), freeport.For(t), freeport.For(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"tokens.csv": []byte(token + ",admin,admin,system:masters\n"),
		"key.pem":    pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	client := fmt.Sprintf("http://127.0.0.1:%d", etcd)
	peers := fmt.Sprintf("http://127.0.0.1:%d", peer)
	begin(t, filepath.Join(programs, "etcd"), "--data-dir", in("etcd"), "--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default="+peers, "--unsafe-no-fsync", "--log-level", "error")
	begin(t, filepath.Join(programs, "kube-apiserver"), "--etcd-servers", client, "--secure-port", fmt.Sprint(api), "--bind-address", "127.0.0.1",
		"--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none", "--cert-dir", dir, "--token-auth-file", in("tokens.csv"), "--authorization-mode", "RBAC",
		"--service-account-issuer", "https://127.0.0.1", "--service-account-signing-key-file", in("key.pem"), "--service-account-key-file", in("key.pem"),
		"--service-cluster-ip-range", "10.96.0.0/16", "--disable-admission-plugins", "ServiceAccount")
	c := &cluster{T: t, url: fmt.Sprintf("https://127.0.0.1:%d", api), client: &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // of its own making, on this machine
	}}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if code, _ := c.ask(http.MethodGet, "/readyz", nil); code == http.StatusOK {
			return c
		}
		if time.Now().After(end) {
			t.Fatal("kube-apiserver does not become ready")
		}
	}
}

// begin starts a program that ends with the test.
func begin(t *testing.T, program string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = &said, &said, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), said.String()[max(0, said.Len()-2000):])
		}
	})
}

func (c *cluster) ask(method, path string, body any) (code int, answer string) {
	text, err := json.Marshal(body)
	if err != nil {
		c.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, c.url+path, bytes.NewReader(text))
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(said)
}

// kinds are where objects of a kind are made.
var kinds = map[string]string{
	"Deployment": "apis/apps/v1/%s/deployments", "StatefulSet": "apis/apps/v1/%s/statefulsets", "Job": "apis/batch/v1/%s/jobs",
	"Service": "api/v1/%s/services", "ConfigMap": "api/v1/%s/configmaps", "PersistentVolumeClaim": "api/v1/%s/persistentvolumeclaims",
	"NetworkPolicy": "apis/networking.k8s.io/v1/%s/networkpolicies", "Ingress": "apis/networking.k8s.io/v1/%s/ingresses",
	"HorizontalPodAutoscaler": "apis/autoscaling/v2/%s/horizontalpodautoscalers", "HTTPRoute": "apis/gateway.networking.k8s.io/v1/%s/httproutes",
	"ExternalSecret": "apis/external-secrets.io/v1/%s/externalsecrets",
	"Secret":         "api/v1/%s/secrets", "DaemonSet": "apis/apps/v1/%s/daemonsets",
	"PodDisruptionBudget": "apis/policy/v1/%s/poddisruptionbudgets", "Pod": "api/v1/%s/pods",
}

// accepts asks the server to take an object, without keeping it: with strict validation, so that a field that is not known is an error. "" is
// yes.
func (c *cluster) accepts(namespace string, object map[string]any) string {
	kind := object["kind"].(string)
	if kind == "Namespace" {
		return c.make("/api/v1/namespaces?dryRun=All&fieldValidation=Strict", object)
	}
	if kinds[kind] == "" {
		return "no place for a " + kind
	}
	return c.make("/"+fmt.Sprintf(kinds[kind], "namespaces/"+namespace)+"?dryRun=All&fieldValidation=Strict", object)
}

func (c *cluster) make(path string, object any) string {
	code, said := c.ask(http.MethodPost, path, object)
	if code == http.StatusCreated {
		return ""
	}
	var status struct{ Message string }
	if json.Unmarshal([]byte(said), &status) == nil && status.Message != "" {
		return status.Message
	}
	return fmt.Sprint(code, " ", strings.TrimSpace(said))
}

// defines makes the kinds of a folder of CustomResourceDefinitions known.
func (c *cluster) defines(dir string) {
	c.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		c.Fatalf("no definitions in %s, %v", dir, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			c.Fatal(err)
		}
		var definition map[string]any
		if err := yaml.Unmarshal(text, &definition); err != nil {
			c.Fatal(err)
		}
		if why := c.make("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition); why != "" {
			c.Fatalf("%s: %s", file, why)
		}
	}
	for _, group := range []string{"gateway.networking.k8s.io/v1/httproutes", "external-secrets.io/v1/externalsecrets"} {
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			if code, _ := c.ask(http.MethodGet, "/apis/"+group, nil); code == http.StatusOK {
				break
			}
			if time.Now().After(end) {
				c.Fatalf("%s is not served", group)
			}
		}
	}
}

// namespace makes one that enforces a level of the Pod Security Standards.
func (c *cluster) namespace(name, level string) {
	c.Helper()
	if why := c.make("/api/v1/namespaces", map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{
		"name": name, "labels": map[string]any{"pod-security.kubernetes.io/enforce": level},
	}}); why != "" {
		c.Fatal(why)
	}
}
