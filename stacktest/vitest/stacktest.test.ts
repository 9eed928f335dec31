/** Tests of the fixture, and an example of its use. From the repository's root: STACK=$PWD npm --prefix stacktest/vitest test */
import { connect } from "node:net"
import { expect } from "vitest"
import { Secret, stackTest, withStack } from "./stacktest.js"

const test = stackTest({
  project: `${process.env.STACK}/tests/fixtures/plain`,
  services: ["postgres"],
  args: { dbPassword: new Secret("p@ss/word") },
})

test("the database is reached", async ({ stack }) => {
  const url = new URL(stack.url("postgres"))
  expect([url.username, decodeURIComponent(url.password), url.pathname]).toEqual(["postgres", "p@ss/word", "/app"])
  const answer = await new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write(Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]))) // asks for TLS
    socket.once("data", (data) => resolve(data.toString("latin1", 0, 1)))
    socket.once("error", reject)
    socket.once("data", () => socket.destroy())
  })
  expect(answer).toBe("N")
})

test("each clone is another database", async ({ stack }) => {
  await stack.snapshot("clean")
  const urls = [await stack.clone("clean"), await stack.clone("clean"), stack.url("postgres")]
  expect(new Set(urls).size).toBe(3)
  await stack.rollback("clean")
  expect(await stack.logs()).toContain("database system is ready")
})

test("what is refused", async ({ stack }) => {
  await expect(stack.rollback("dirty")).rejects.toThrow('there is no snapshot "dirty"')
  expect(() => stack.url("backend")).toThrow('there is no service "backend" with a published port: want one of postgres')
  await expect(withStack({ module: "/nowhere" }, async () => {})).rejects.toThrow("/nowhere")
})
