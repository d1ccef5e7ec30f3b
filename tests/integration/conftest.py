"""The server that others wrote, for the command line as well."""

from tests.models.conftest import aimock as aimock
