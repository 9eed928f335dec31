package scan

// Private are files of a project that no image for production has: what may hold secrets, what belongs to its repository, and what builds
// images. Certificates stay: a bundle of authorities is what clients of databases read.
var Private = []string{
	"**/.env", "**/.env.*", "**/.envrc", "**/.npmrc", "**/.yarnrc.yml", "**/.pypirc", "**/.netrc", "**/.aws", "**/.ssh", "**/*.key", "**/*key*.pem", "**/private*.pem",
	"**/*.p12", "**/*.pfx", "**/id_rsa*", "**/id_ed25519*", "**/id_ecdsa*",
	"**/.git", "**/.gitignore", "**/.gitattributes", "**/.gitmodules", "**/.gitkeep", "**/.github", "**/.gitlab-ci.yml", "**/.vscode", "**/.idea", "**/.husky",
	"**/Dockerfile*", "**/*.Dockerfile", "**/.dockerignore", "**/compose*.yml", "**/compose*.yaml", "**/docker-compose*.yml", "**/docker-compose*.yaml", "**/.devcontainer",
}
