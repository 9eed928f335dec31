"""Greets visitors: each visit is a row in postgres and a count in redis."""

import asyncio
import os
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, HTTPException, Request
from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff


@asynccontextmanager
async def connected(app: FastAPI):
    app.state.postgres = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=5)
    # A restart of redis ends its connections: a request that finds one of them tries again.
    app.state.redis = redis.from_url(os.environ["REDIS_URL"], retry=Retry(ExponentialBackoff(cap=1, base=0.1), 3))
    await app.state.postgres.execute(
        "CREATE TABLE IF NOT EXISTS visits (id bigserial PRIMARY KEY, visitor text NOT NULL, at timestamptz NOT NULL DEFAULT now())"
    )
    yield
    await app.state.postgres.close()
    await app.state.redis.aclose()


app = FastAPI(title="hello", lifespan=connected)


@app.get("/health")
async def health() -> dict:
    """Healthy is: both databases answer."""
    try:
        await asyncio.wait_for(asyncio.gather(app.state.postgres.fetchval("SELECT 1"), app.state.redis.ping()), 2)
    except Exception as error:
        raise HTTPException(503, f"{type(error).__name__}: {error}") from error
    return {"status": "ok"}


@app.post("/api/visits")
async def visit(request: Request) -> dict:
    """Counts one more visit and answers with both counts."""
    visitor = request.headers.get("user-agent", "unknown")[:200]
    async with app.state.postgres.acquire() as connection:
        await connection.execute("INSERT INTO visits (visitor) VALUES ($1)", visitor)
    await app.state.redis.incr("visits")
    return await visits()


@app.get("/api/visits")
async def visits() -> dict:
    """Both counts: rows in postgres, and the counter in redis."""
    rows, count = await asyncio.gather(
        app.state.postgres.fetchval("SELECT count(*) FROM visits"), app.state.redis.get("visits")
    )
    return {"postgres": rows, "redis": int(count or 0)}
