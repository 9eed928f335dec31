"""Takes orders. Each is a row in postgres, and a task for the worker."""

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select

from app.embedding import embedding
from app.orders import Order, Session
from app.worker import pack

app = FastAPI(title="shop")


class Wanted(BaseModel):
    item: str


def shown(order: Order) -> dict:
    return {"id": order.id, "item": order.item, "state": order.state}


@app.get("/health")
async def health() -> dict:
    """Healthy is: the database answers, and is migrated."""
    async with Session() as session:
        await session.execute(select(Order).limit(1))
    return {"status": "ok"}


@app.post("/api/orders", status_code=201)
async def order(wanted: Wanted) -> dict:
    async with Session.begin() as session:
        new = Order(item=wanted.item, state="new", embedding=embedding(wanted.item))
        session.add(new)
    pack.delay(new.id)
    return shown(new)


@app.get("/api/orders")
async def orders() -> list[dict]:
    async with Session() as session:
        return [shown(each) for each in await session.scalars(select(Order).order_by(Order.id.desc()).limit(20))]


@app.get("/api/orders/similar")
async def similar(item: str) -> list[dict]:
    """The orders of what is most like an item."""
    nearest = select(Order).where(Order.embedding.is_not(None)).order_by(Order.embedding.cosine_distance(embedding(item)))
    async with Session() as session:
        return [shown(each) for each in await session.scalars(nearest.limit(5))]
