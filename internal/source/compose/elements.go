package compose

import (
	"maps"
	"slices"
	"strings"
)

// verdict says what becomes of an element.
type verdict string

const (
	supported verdict = "supported" // as with docker compose
	noted     verdict = "noted"     // it has no effect, and a note says so
	partly    verdict = "partly"    // by its value; what has no effect is noted, what cannot be had is refused
	refused   verdict = "refused"   // a service that needs it cannot be had
)

// rule is what becomes of an element, and of everything below it that has no rule of its own.
type rule struct {
	verdict verdict
	why     string // of what is noted: the note; of what is refused: what is missing
}

const (
	ofSwarm    = "no effect: swarm alone reads it"
	ofWindows  = "no effect: Windows alone has it"
	ofNetworks = "no effect: the engine has one network, with addresses and name servers of its own"
	ofBuilds   = "no effect: the engine's builder decides"
	ofDaemon   = "no effect: there is no Docker daemon that would do it"
	ofKernel   = "no effect: the engine does not hand this limit of the kernel out"
	ofResource = "no effect: who needs it uses more than is reserved anyway"
)

// serviceRules are for what is below services.NAME.
var serviceRules = map[string]rule{
	"annotations":                           {supported, ""},
	"attach":                                {supported, ""},
	"blkio_config":                          {noted, ofKernel},
	"build":                                 {supported, ""},
	"build.cache_from":                      {noted, ofBuilds},
	"build.cache_to":                        {noted, ofBuilds},
	"build.entitlements":                    {noted, ofBuilds},
	"build.extra_hosts":                     {noted, ofBuilds},
	"build.isolation":                       {noted, ofWindows},
	"build.labels":                          {supported, ""},
	"build.network":                         {noted, ofBuilds},
	"build.no_cache":                        {noted, ofBuilds},
	"build.platforms":                       {partly, ""},
	"build.privileged":                      {noted, ofBuilds},
	"build.provenance":                      {supported, ""},
	"build.pull":                            {supported, ""},
	"build.sbom":                            {supported, ""},
	"build.shm_size":                        {noted, ofBuilds},
	"build.tags":                            {supported, ""},
	"build.ulimits":                         {noted, ofBuilds},
	"cap_add":                               {partly, ""},
	"cap_drop":                              {supported, ""},
	"cgroup":                                {noted, ofDaemon},
	"cgroup_parent":                         {noted, ofDaemon},
	"command":                               {supported, ""},
	"configs":                               {supported, ""},
	"container_name":                        {supported, ""},
	"cpu_count":                             {noted, ofWindows},
	"cpu_percent":                           {noted, ofWindows},
	"cpu_period":                            {supported, ""},
	"cpu_quota":                             {supported, ""},
	"cpu_rt_period":                         {noted, ofKernel},
	"cpu_rt_runtime":                        {noted, ofKernel},
	"cpu_shares":                            {noted, ofKernel},
	"cpus":                                  {supported, ""},
	"cpuset":                                {noted, ofKernel},
	"credential_spec":                       {noted, ofWindows},
	"depends_on":                            {supported, ""},
	"deploy":                                {supported, ""},
	"deploy.endpoint_mode":                  {noted, ofSwarm},
	"deploy.placement":                      {noted, ofSwarm},
	"deploy.rollback_config":                {noted, ofSwarm},
	"deploy.update_config":                  {noted, ofSwarm},
	"deploy.labels":                         {supported, ""},
	"deploy.mode":                           {partly, ""},
	"deploy.replicas":                       {supported, ""},
	"deploy.resources":                      {supported, ""},
	"deploy.resources.limits":               {supported, ""},
	"deploy.resources.reservations.devices": {refused, "a device of the machine"},
	"deploy.resources.reservations.generic_resources": {noted, ofSwarm},
	"deploy.resources.reservations.cpus":              {noted, ofResource},
	"deploy.resources.reservations.memory":            {noted, ofResource},
	"deploy.restart_policy":                           {supported, ""},
	"deploy.restart_policy.delay":                     {noted, "no effect: the wait between restarts is 100 ms at first, and twice as long each time, up to 10 s"},
	"deploy.restart_policy.window":                    {noted, "no effect: a start counts as good when the process has run for 10 s"},
	"develop":                                         {noted, "no effect on up: sync and watch bring changed files in"},
	"device_cgroup_rules":                             {refused, "a device of the machine"},
	"devices":                                         {refused, "a device of the machine"},
	"dns":                                             {noted, ofNetworks},
	"dns_opt":                                         {noted, ofNetworks},
	"dns_search":                                      {noted, ofNetworks},
	"domainname":                                      {supported, ""},
	"entrypoint":                                      {supported, ""},
	"env_file":                                        {supported, ""},
	"environment":                                     {supported, ""},
	"expose":                                          {supported, ""},
	"extends":                                         {supported, ""},
	"external_links":                                  {noted, "no effect: containers of other projects cannot be reached"},
	"extra_hosts":                                     {partly, ""},
	"gpus":                                            {refused, "a GPU of the machine"},
	"group_add":                                       {supported, ""},
	"healthcheck":                                     {supported, ""},
	"hostname":                                        {supported, ""},
	"image":                                           {supported, ""},
	"init":                                            {supported, ""},
	"ipc":                                             {partly, ""},
	"isolation":                                       {noted, ofWindows},
	"label_file":                                      {supported, ""},
	"labels":                                          {supported, ""},
	"links":                                           {supported, ""},
	"logging":                                         {partly, ""},
	"mac_address":                                     {noted, ofNetworks},
	"mem_limit":                                       {supported, ""},
	"mem_reservation":                                 {noted, ofResource},
	"mem_swappiness":                                  {noted, ofKernel},
	"memswap_limit":                                   {noted, "no effect: services have no swap"},
	"models":                                          {refused, "a model runner"},
	"name":                                            {supported, ""},
	"network_mode":                                    {partly, ""},
	"networks":                                        {supported, ""},
	"networks.*.driver_opts":                          {noted, ofNetworks},
	"networks.*.gw_priority":                          {noted, ofNetworks},
	"networks.*.interface_name":                       {noted, ofNetworks},
	"networks.*.ipv4_address":                         {noted, ofNetworks},
	"networks.*.ipv6_address":                         {noted, ofNetworks},
	"networks.*.link_local_ips":                       {noted, ofNetworks},
	"networks.*.mac_address":                          {noted, ofNetworks},
	"networks.*.priority":                             {supported, ""},
	"oom_kill_disable":                                {noted, ofKernel},
	"oom_score_adj":                                   {noted, ofKernel},
	"pid":                                             {partly, ""},
	"pids_limit":                                      {supported, ""},
	"platform":                                        {supported, ""},
	"ports":                                           {partly, ""},
	"post_start":                                      {supported, ""},
	"post_start.[].privileged":                        {noted, "no effect: the command has no more rights than its service"},
	"pre_start":                                       {supported, ""},
	"pre_stop":                                        {supported, ""},
	"pre_stop.[].privileged":                          {noted, "no effect: the command has no more rights than its service"},
	"privileged":                                      {refused, "all rights on the machine"},
	"profiles":                                        {supported, ""},
	"provider":                                        {refused, "a program of the machine that provides the service"},
	"pull_policy":                                     {partly, ""},
	"pull_refresh_after":                              {noted, "no effect: the engine asks the registry in each session what a tag means"},
	"read_only":                                       {supported, ""},
	"restart":                                         {supported, ""},
	"runtime":                                         {partly, ""},
	"scale":                                           {supported, ""},
	"secrets":                                         {supported, ""},
	"security_opt":                                    {partly, ""},
	"shm_size":                                        {supported, ""},
	"stdin_open":                                      {supported, ""},
	"stop_grace_period":                               {partly, ""},
	"stop_signal":                                     {supported, ""},
	"storage_opt":                                     {noted, ofDaemon},
	"sysctls":                                         {partly, ""},
	"tmpfs":                                           {supported, ""},
	"tty":                                             {supported, ""},
	"ulimits":                                         {supported, ""},
	"umask":                                           {noted, "no effect: the process begins with 0022"},
	"use_api_socket":                                  {refused, "the Docker socket"},
	"user":                                            {supported, ""},
	"userns_mode":                                     {noted, ofDaemon},
	"uts":                                             {noted, "no effect: the service has a host name of its own"},
	"volumes":                                         {partly, ""},
	"volumes.[].bind":                                 {supported, ""},
	"volumes.[].bind.propagation":                     {noted, "no effect: nothing is mounted into the folder later on"},
	"volumes_from":                                    {supported, ""},
	"working_dir":                                     {supported, ""},
}

// sectionRules are for what is beside services.
var sectionRules = map[string]rule{
	"configs":                   {supported, ""},
	"configs.*.template_driver": {noted, ofSwarm},
	"include":                   {supported, ""},
	"jobs":                      {noted, "no effect on up, as with docker compose: a job runs when it is asked for"},
	"models":                    {supported, ""},
	"name":                      {supported, ""},
	"networks":                  {supported, ""},
	"networks.*.driver":         {partly, ""},
	"networks.*.driver_opts":    {noted, ofNetworks},
	"networks.*.enable_ipv4":    {noted, ofNetworks},
	"networks.*.enable_ipv6":    {noted, ofNetworks},
	"networks.*.external":       {noted, "is a network of this stack alone: services of other stacks cannot be reached"},
	"networks.*.internal":       {noted, "no effect: its services reach the internet"},
	"networks.*.ipam":           {noted, ofNetworks},
	"secrets":                   {supported, ""},
	"secrets.*.driver":          {noted, ofSwarm},
	"secrets.*.driver_opts":     {noted, ofSwarm},
	"secrets.*.template_driver": {noted, ofSwarm},
	"services":                  {supported, ""},
	"version":                   {supported, ""},
	"volumes":                   {supported, ""},
	"volumes.*.driver":          {partly, ""},
	"volumes.*.driver_opts":     {partly, ""},
	"volumes.*.external":        {noted, "is a volume of this stack alone, empty at first: what another project keeps in it cannot be reached"},
}

// noteElements says of everything that has no effect that it has none, in the services that are asked for.
func (r *reader) noteElements() {
	services, _ := r.raw["services"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(r.model.Services)) {
		r.walk(services[name], element{"services", name}, "", serviceRules)
	}
	for _, section := range []string{"configs", "jobs", "networks", "secrets", "volumes"} {
		r.walk(r.raw[section], element{section}, section, sectionRules)
	}
	for _, name := range slices.Sorted(maps.Keys(r.model.Networks)) {
		if driver := r.model.Networks[name].Driver; driver != "" && driver != "bridge" && driver != "overlay" {
			r.note(element{"networks", name, "driver"}, ofNetworks)
		}
	}
}

// walk looks a value up, and what is below it. pattern is the value's place among the rules.
func (r *reader) walk(value any, e element, pattern string, rules map[string]rule) {
	if rule, ruled := rules[pattern]; ruled && says(value) {
		switch rule.verdict {
		case noted:
			if _, exact := r.index.find(e); exact {
				r.note(e, "%s", rule.why)
			}
			return
		case refused:
			r.cannot(e, "%s", rule.why)
			return
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			next := key
			if _, named := rules[join(pattern, key)]; !named && wild(rules, pattern) {
				next = "*"
			}
			r.walk(value[key], append(slices.Clone(e), key), join(pattern, next), rules)
		}
	case []any:
		for _, entry := range value {
			r.walk(entry, append(slices.Clone(e), item(word(entry))), join(pattern, "[]"), rules)
		}
	}
}

// wild tells whether there are rules for any key below a pattern.
func wild(rules map[string]rule, pattern string) bool {
	for key := range rules {
		if strings.HasPrefix(key, join(pattern, "*.")) {
			return true
		}
	}
	return false
}

func join(pattern, key string) string {
	if pattern == "" {
		return key
	}
	return pattern + "." + key
}

// says tells whether a value says something.
func says(value any) bool {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return value
	case string:
		return value != ""
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	}
	return true
}

// word is a text by which an entry of a list is found again.
func word(entry any) string {
	switch entry := entry.(type) {
	case string:
		return entry
	case map[string]any:
		for _, key := range []string{"target", "source", "command"} {
			if text, ok := entry[key].(string); ok {
				return text
			}
		}
	}
	return ""
}
