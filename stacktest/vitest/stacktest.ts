/**
 * Starts a project's stack for tests: its databases, its backend, or all of it, with ports of their own.
 *
 *     const test = stackTest({ project: "..", services: ["postgres"] })
 *
 *     test("orders", async ({ stack }) => {
 *       const db = new pg.Client(stack.url("postgres"))
 *     })
 *
 * It needs the dagger CLI on the PATH, and an engine, as the CLI finds it.
 */
import { randomBytes } from "node:crypto"
import { accessSync, constants, existsSync } from "node:fs"
import { delimiter, join, resolve } from "node:path"
import type { Writable } from "node:stream"

import { type Client, connect, type Service, type ServiceID } from "@dagger.io/dagger"
import { test } from "vitest"

/** The text of an argument that is a secret, such as dbPassword. */
export class Secret {
  constructor(readonly text: string) {}
}

export type Arg = string | number | boolean | string[] | Secret

/** What is started. Nothing at all is the whole project in the folder of the run. */
export interface Options {
  /** The stack module: a path, or a git URL with a version. $STACK, unless given. */
  module?: string
  /** The project's folder. */
  project?: string
  /** What the tests need; what these need is started, too. All, unless given. */
  services?: string[]
  /**
   * Arguments of the stack by the names that they have in a module, e.g. backendCommand, env or publish. The stack is ephemeral and has a
   * name of its own, unless they say otherwise.
   */
  args?: Record<string, Arg>
  /** Where Dagger's progress goes; nowhere, unless given. */
  log?: Writable
}

/** A running stack. */
export class Stack {
  private constructor(
    /** The address of the stack's HTTP API. */
    readonly api: string,
    /** What the API wants for changes. */
    readonly token: string,
    /** Ports of the host, by the port that the stack publishes. */
    readonly ports: ReadonlyMap<number, number>,
    private readonly urls = new Map<string, string>(),
  ) {}

  /** @internal */
  static async at(name: string, port: number, token: string, ports: ReadonlyMap<number, number>): Promise<Stack> {
    const stack = new Stack(`http://localhost:${ports.get(port)}/api/v1/projects/${name}`, token, ports)
    for (const { service, hostUrl } of (await stack.ask("GET", "/urls")).urls) stack.urls.set(service, hostUrl)
    return stack
  }

  /** Where the test reaches a service: a database by a URL with its login, the others by HTTP. */
  url(service: string): string {
    const published = this.urls.get(service)
    if (!published) {
      throw new Error(`there is no service "${service}" with a published port: want one of ${[...this.urls.keys()].join(", ")}`)
    }
    return this.outside(published)
  }

  /** Keeps the data of all databases under a name. */
  async snapshot(name: string): Promise<void> {
    await this.ask("POST", `/snapshots/${encodeURIComponent(name)}`)
  }

  /** Brings the data of a snapshot back. */
  async rollback(name: string): Promise<void> {
    await this.ask("POST", `/snapshots/${encodeURIComponent(name)}/rollback`)
  }

  /** Makes a database with the data of a snapshot, and returns its URL. */
  async clone(snapshot: string): Promise<string> {
    const made = await this.ask("POST", `/snapshots/${encodeURIComponent(snapshot)}/clones`)
    return this.outside(made.clones[0].hostUrl)
  }

  /** Restarts a service, and returns when it is healthy. */
  async restart(service: string): Promise<void> {
    await this.ask("POST", `/services/${encodeURIComponent(service)}/restart`)
  }

  /** The last lines that the services have logged. */
  async logs(tail = 200): Promise<string> {
    return (await this.ask("GET", `/logs?tail=${tail}`)).logs
  }

  private outside(published: string): string {
    const at = new URL(published)
    at.port = String(this.ports.get(Number(at.port)))
    return at.toString()
  }

  private async ask(method: string, path: string): Promise<any> {
    const answer = await fetch(this.api + path, { method, headers: { Authorization: `Bearer ${this.token}` } })
    const body: any = await answer.json()
    if (!answer.ok) throw new Error(body.error.message)
    return body
  }
}

/** Runs a function with a stack that is healthy, and ends the stack after it. */
export async function withStack(options: Options, use: (stack: Stack) => Promise<void>): Promise<void> {
  let module = options.module ?? process.env.STACK
  if (!module) throw new Error("which stack module? Name its path, or its git URL with a version, as module or in $STACK")
  if (existsSync(module)) module = resolve(module)
  const args: Record<string, Arg> = { name: `vitest-${randomBytes(6).toString("hex")}`, ephemeral: true, ...options.args }
  useCLIOnPath()
  await connect(
    async (client) => {
      await client.moduleSource(module).asModule().serve()
      const folder = await client.host().directory(resolve(options.project ?? "."), { exclude: await ignored(client, module) }).id()
      const plain: Record<string, unknown> = { ...args }
      for (const [name, value] of Object.entries(args)) {
        if (value instanceof Secret) plain[name] = await client.setSecret(`stacktest-${args.name}-${name}`, value.text).id()
      }
      const stack = `stack(${literals(plain)})`
      const of = { projectPath: folder, ...(options.services?.length ? { service: options.services } : {}) }
      const service = (await ask(client, `{${stack} {up(${literals(of)}) {id}}}`)).stack.up.id as ServiceID
      const ports = await tunnel(client, client.loadServiceFromID(service))
      const token = (await ask(client, `{${stack} {apiToken}}`)).stack.apiToken.trim()
      await use(await Stack.at(String(args.name), Number(args.apiPort ?? 9002), token, ports))
      if (args.ephemeral !== true || process.env.DAGGER_SESSION_PORT) await ask(client, `{${stack} {stop}}`)
    },
    { LogOutput: options.log },
  )
}

/** A test whose fixture `stack` is a stack for all tests of the file. A test that fails prints what the stack has logged. */
export function stackTest(options: Options = {}) {
  return test
    .extend<{ $file: { stack: Stack } }>({
      stack: [async ({}, use) => withStack(options, use), { scope: "file" }],
    })
    .extend<{ logged: void }>({
      logged: [
        async ({ stack, task }: { stack: Stack; task: { result?: { state: string } } }, use: () => Promise<void>) => {
          await use()
          if (task.result?.state === "fail") console.error(`the log of the stack:\n${await stack.logs()}`)
        },
        { auto: true },
      ],
    })
}

/** Without it the SDK would download one. */
function useCLIOnPath(): void {
  if (process.env.DAGGER_SESSION_PORT || process.env._EXPERIMENTAL_DAGGER_CLI_BIN) return
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const cli = join(folder, process.platform === "win32" ? "dagger.exe" : "dagger")
    try {
      accessSync(cli, constants.X_OK)
    } catch {
      continue
    }
    process.env._EXPERIMENTAL_DAGGER_CLI_BIN = cli
    return
  }
  throw new Error("there is no dagger on the PATH: install Dagger v0.21.8 or later (https://docs.dagger.io/install)")
}

/** What the function up says that it does not want of a project: dependencies and their like are not uploaded. */
async function ignored(client: Client, module: string): Promise<string[]> {
  const source = `moduleSource(${literals({ refString: module })})`
  const found = await ask(client, `{${source} {asModule {objects {asObject {functions {name args {name ignore}}}}}}}`)
  for (const { asObject } of found.moduleSource.asModule.objects) {
    for (const { name, args } of asObject?.functions ?? []) {
      const project = args.find((arg: { name: string }) => arg.name === "projectPath")
      if (name === "up" && project) return project.ignore
    }
  }
  throw new Error(`${module} is not the stack module: it has no function up of a project`)
}

/** Opens a port of the host, one that is free, for each that the stack publishes. */
async function tunnel(client: Client, gateway: Service): Promise<Map<number, number>> {
  const numbers = async (service: Service) => Promise.all((await service.ports()).map((port) => port.port()))
  const inside = await numbers(gateway)
  const outside = await numbers(await client.host().tunnel(gateway, { ports: inside.map((backend) => ({ backend })) }).start())
  return new Map(inside.map((port, i) => [port, outside[i]]))
}

async function ask(client: Client, query: string): Promise<any> {
  try {
    return await client.getGQLClient().request(query)
  } catch (error: any) {
    throw new Error(error.response?.errors?.[0]?.message ?? String(error))
  }
}

/** Arguments in a query: JSON's text, numbers and lists are GraphQL's. */
function literals(values: Record<string, unknown>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(", ")
}
