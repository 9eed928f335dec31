import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import "./style.css";

function Visits() {
  const [visits, setVisits] = useState();
  const [error, setError] = useState();

  useEffect(() => {
    const controller = new AbortController();
    fetch("/api/visits", { method: "POST", signal: controller.signal })
      .then((response) => (response.ok ? response.json() : Promise.reject(new Error(response.statusText))))
      .then(setVisits)
      .catch((problem) => controller.signal.aborted || setError(problem.message));
    return () => controller.abort();
  }, []);

  if (error) return <p role="alert">The backend does not answer: {error}</p>;
  if (!visits) return <p>Counting…</p>;
  return (
    <dl>
      <dt>visits in postgres</dt>
      <dd id="postgres">{visits.postgres}</dd>
      <dt>counted by redis</dt>
      <dd id="redis">{visits.redis}</dd>
    </dl>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <main>
      <h1>hello</h1>
      <Visits />
    </main>
  </StrictMode>,
);
