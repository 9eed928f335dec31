import { defineConfig } from "vitest/config"

// A stack may have to be built before the first test, and be ended after the last.
export default defineConfig({ test: { testTimeout: 600_000, hookTimeout: 600_000, teardownTimeout: 60_000 } })
