"""Lets Jupyter fork a kernel where it would start one."""

from __future__ import annotations

from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from eventstudy.report.warm import Warm


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]  # Jupyter has no types here
    """Starts a kernel as a fork of a warm process."""

    warm: Warm

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Return how to connect to the kernel that a command describes."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        forked = self.warm.fork(arguments, str(kwargs["cwd"]), kwargs["env"])
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = forked, forked.pid, forked.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info
