"""What both the web server and the worker know of an order."""

from pgvector.sqlalchemy import Vector
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

from app.embedding import SIZE
from app.settings import settings

# The worker has an event loop for each task, and a connection belongs to one loop.
engine = create_async_engine(settings.database_url, poolclass=NullPool)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="new")
    packed_by: Mapped[str | None]
    embedding: Mapped[list[float] | None] = mapped_column(Vector(SIZE))
