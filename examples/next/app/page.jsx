import { visit } from "./visits";

export const dynamic = "force-dynamic";

export default async function Page() {
  return (
    <main>
      <h1>visits</h1>
      <p>
        This page was visited <b id="visits">{await visit()}</b> times.
      </p>
    </main>
  );
}
