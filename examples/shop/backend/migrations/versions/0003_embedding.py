import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.add_column("orders", sa.Column("embedding", Vector(64)))


def downgrade():
    op.drop_column("orders", "embedding")
