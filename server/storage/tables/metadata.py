"""The one MetaData, with names for every constraint so that migrations can speak of them on both databases."""

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID_LENGTH = 32  # uuid4().hex
HASH_LENGTH = 64  # SHA-256, hexadecimal
SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only an INTEGER primary key by itself
