"""For servers that are told an application: `uvicorn inkreel.main:app`."""

from inkreel.entrypoints.http.app import create_app

app = create_app()
