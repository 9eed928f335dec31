package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dagger/stack/internal/build"
	"dagger/stack/internal/dagger"
	"dagger/stack/internal/folder"
	"dagger/stack/internal/kubernetes"
	"dagger/stack/internal/protocol"
)

// Writes the stack as Kubernetes objects: for who outgrows one machine
//
//	dagger call kubernetes --project-path . --registry registry.example.com/shop --host shop.example.com export --path k8s
//	dagger call kubernetes --project-path . --image backend=registry.example.com/shop/backend:1.2 export --path k8s
//
// The folder has a file for each service (Deployment, StatefulSet or Job, with its Service and ConfigMap), the network's rules, a
// kustomization.yaml, and a README that says how to apply them, how to make the secrets, and what differs. No file has a secret. What
// Kubernetes has no counterpart for is in the README and in the call's output. The same project gives the same files.
//
// +cache="never"
func (m *Stack) Kubernetes(
	ctx context.Context,
	// The project's directory; the folder you are in, unless given.
	//
	// +optional
	// +ignore=["**/.git/[^iHrpF]*","**/.git/info","**/.git/refs/[^h]*","**/.git/index.*","**/.hg","**/.svn","**/node_modules","**/.pnpm-store","**/.yarn/unplugged","**/.yarn/install-state.gz","**/.pnp.cjs","**/.pnp.loader.mjs","**/.venv","**/venv","**/__pypackages__","**/*.egg-info","**/__pycache__","**/*.pyc","**/.pytest_cache","**/.mypy_cache","**/.ruff_cache","**/.tox","**/.nox","**/.coverage","**/htmlcov","**/.next","**/next-env.d.ts","**/.nuxt","**/.output","**/.svelte-kit","**/.astro","**/.angular","**/.docusaurus","**/.vite","**/.parcel-cache","**/.turbo","**/.cache","**/.nyc_output","**/lcov-report","**/.direnv","**/.DS_Store"]
	projectPath *dagger.Directory,
	// The folder that the caller is in: the project, unless --project-path names another.
	//
	// +optional
	workspace *dagger.Workspace,
	// The namespace of the objects, which is among them. Unless given, that of who applies them.
	//
	// +optional
	namespace string,
	// Builds the images that are made of the project and publishes each as REGISTRY/SERVICE:TAG; the objects name its digest.
	//
	// +optional
	registry string,
	// The tag of published images.
	//
	// +optional
	// +default="latest"
	tag string,
	// Who publishes. Nobody in particular, unless given.
	//
	// +optional
	registryUsername string,
	// The password or token for it.
	//
	// +optional
	registryPassword *dagger.Secret,
	// Images in the place of the project's own, each SERVICE=REFERENCE. Nothing is built for them.
	//
	// +optional
	image []string,
	// Names under which an Ingress, or with --gateway an HTTPRoute, publishes services, each SERVICE=HOST, e.g. backend=api.example.com. A HOST alone is the frontend's.
	//
	// +optional
	host []string,
	// The Gateway that has these names, NAME or NAMESPACE/NAME: HTTPRoutes of Gateway API in the place of an Ingress.
	//
	// +optional
	gateway string,
	// Services that get more pods when they are busy, each SERVICE=MIN-MAX, e.g. backend=2-6: a HorizontalPodAutoscaler.
	//
	// +optional
	autoscale []string,
	// Services that are somebody else's (a managed database), each SERVICE=SECRET: they are left out, and the variables of those that
	// use them come from that Secret.
	//
	// +optional
	external []string,
	// What each volume asks for, e.g. 500Mi or 20Gi.
	//
	// +optional
	// +default="10Gi"
	storage string,
	// A ClusterSecretStore of External Secrets, which brings the secrets. Unless given, the README says how to make them.
	//
	// +optional
	secretStore string,
	// Writes a chart of Helm, with images, hosts, limits, replicas and the Secret's name as values, in the place of a folder for
	// kubectl apply -k.
	//
	// +optional
	helm bool,
	// Objects of development servers, as up runs them without --production.
	//
	// +optional
	development bool,
) (*dagger.Directory, error) {
	m.Production = !development
	files, err := folder.Of(ctx, projectPath, workspace)
	if err != nil {
		return nil, err
	}
	plan, err := m.plan(ctx, files, nil)
	if err != nil {
		return nil, err
	}
	options, err := kubernetes.Flags{Namespace: namespace, Storage: storage, Store: secretStore, Gateway: gateway, Images: image, Hosts: host, External: external, Autoscale: autoscale, Helm: helm}.Options(plan.Project)
	if err != nil {
		return nil, err
	}
	if registry != "" {
		published, err := m.publishImages(ctx, plan, options.ToBuild(plan.Project), build.Registry{Name: registry, Tag: tag, Username: registryUsername, Password: registryPassword})
		if err != nil {
			return nil, err
		}
		maps.Copy(options.Images, published)
	}
	options.Command, options.Project, options.Texts = protocol.CLI(m.name(), "kubernetes"), folder.FS(ctx, files.All), plan.texts
	if options.Users, err = plan.users(ctx); err != nil {
		return nil, err
	}
	export, err := kubernetes.Write(plan.Project, options)
	if err != nil {
		return nil, err
	}
	written := dag.Directory()
	for _, name := range slices.Sorted(maps.Keys(export.Files)) {
		written = written.WithNewFile(name, export.Files[name])
	}
	fmt.Print(export.Said())
	return written, nil
}

// users are who the services run as, in the numbers of their images.
func (p plan) users(ctx context.Context) (map[string]kubernetes.User, error) {
	users := map[string]kubernetes.User{}
	for _, s := range p.Services {
		var texts []string
		for _, name := range []string{"/etc/passwd", "/etc/group"} {
			text, err := p.containers[s.Name].File(name).Contents(ctx)
			if err != nil && !strings.Contains(err.Error(), "no such file or directory") {
				return nil, err
			}
			texts = append(texts, text) // an image without users has none
		}
		user, err := kubernetes.UserOf(s, texts[0], texts[1])
		if err != nil {
			return nil, err
		}
		users[kubernetes.Source(s)] = user
	}
	return users, nil
}
