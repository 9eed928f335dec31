"""An agent without a mind: calls the tools that it is told of, and prints what they answer. It has an environment of its own:
dagger-io 0.21.8 does not work where httpx2 is installed, which mcp wants.

    agent.py URL TOKEN < [["logs", {"service": "backend"}], …]"""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


async def main(url, token):
    headers = {"Authorization": f"Bearer {token}"} if token else None
    async with (
        create_mcp_http_client(headers=headers) as http,
        streamable_http_client(url, http_client=http) as (read, write),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        for name, args in json.load(sys.stdin):
            result = await session.call_tool(name, args)
            print(json.dumps([result.content[0].text, result.is_error]))


asyncio.run(main(*sys.argv[1:]))
