import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";

// The browser asks this server for /api, and this server asks the backend: one origin, so no CORS.
export default defineConfig({
  plugins: [react()],
  server: {
    proxy: { "/api": process.env.BACKEND_URL ?? "http://localhost:8000" },
  },
});
