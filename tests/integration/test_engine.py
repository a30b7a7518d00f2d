"""What an error of the database may say."""

import pytest
import sqlalchemy

from ledger.adapters.sql.engine import create_engine


def test_engine_error_names_no_parameter(migrated_url):
    engine = create_engine(migrated_url)
    statement = sqlalchemy.text("SELECT :body, nothing FROM log_head")
    with pytest.raises(sqlalchemy.exc.ProgrammingError) as caught, engine.connect() as connection:
        connection.execute(statement, {"body": "the applicant's name"})
    engine.dispose()
    assert "FROM log_head" in str(caught.value)
    assert "applicant" not in str(caught.value)
