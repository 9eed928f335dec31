import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import "./style.css";

const ask = async (method, body) => {
  const response = await fetch("/api/orders", { method, body, headers: { "Content-Type": "application/json" } });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
};

function Shop() {
  const [orders, setOrders] = useState([]);
  const [error, setError] = useState();

  const look = () => ask("GET").then(setOrders, (problem) => setError(problem.message));
  const order = (form) => ask("POST", JSON.stringify({ item: form.get("item") })).then(look, (problem) => setError(problem.message));

  useEffect(() => {
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, []);

  return (
    <main>
      <h1>shop</h1>
      <form action={order}>
        <input name="item" required placeholder="what you want" />
        <button>order</button>
      </form>
      {error && <p role="alert">The backend does not answer: {error}</p>}
      <dl>
        {orders.map(({ id, item, state }) => [
          <dt key={`${id}-item`}>{item}</dt>,
          <dd key={`${id}-state`}>{state}</dd>,
        ])}
      </dl>
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <Shop />
  </StrictMode>,
);
