import { Pool } from "pg";

const pool = new Pool({ connectionString: process.env.DATABASE_URL });

// Counts one more visit, and says how many there were.
export async function visit() {
  await pool.query("CREATE TABLE IF NOT EXISTS visits (at timestamptz NOT NULL DEFAULT now())");
  await pool.query("INSERT INTO visits DEFAULT VALUES");
  const { rows } = await pool.query("SELECT count(*) FROM visits");
  return rows[0].count;
}
