"""Packs orders, beside the web server."""

import asyncio
import socket

from celery import Celery

from app.orders import Order, Session
from app.settings import settings

celery = Celery("shop", broker=settings.redis_url)


@celery.task
def pack(number: int) -> None:
    asyncio.run(packed(number))


async def packed(number: int) -> None:
    async with Session.begin() as session:
        order = await session.get_one(Order, number)
        order.state, order.packed_by = "packed", socket.gethostname()
