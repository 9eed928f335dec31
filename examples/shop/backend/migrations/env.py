import asyncio

from alembic import context

from app.orders import Base, engine


def migrate(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    async with engine.begin() as connection:
        await connection.run_sync(migrate)


asyncio.run(main())
