"""A Windows job object: every process in it ends when its last handle closes, which the death of ours does."""

import sys

__all__ = ["WindowsJob"]

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes
    from typing import Any

    _KILL_ON_CLOSE = 0x2000
    _EXTENDED_LIMIT = 9
    _PROCESS_SET_QUOTA_AND_TERMINATE = 0x0100 | 0x0001

    class _BasicLimits(ctypes.Structure):
        _fields_ = [
            ("PerProcessUserTimeLimit", ctypes.c_int64),
            ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        ]

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = [
            ("BasicLimitInformation", _BasicLimits),
            ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]

    class WindowsJob:
        """Holds the job's handle."""

        def __init__(self, handle: Any) -> None:
            self._handle = handle

        @classmethod
        def around(cls, pid: int) -> "WindowsJob | None":
            """A job with the process `pid` in it, or None if Windows refuses (a job that allows no nesting)."""
            kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            kernel.CreateJobObjectW.restype = wintypes.HANDLE
            kernel.OpenProcess.restype = wintypes.HANDLE
            job = wintypes.HANDLE(kernel.CreateJobObjectW(None, None))
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = _KILL_ON_CLOSE
            size = ctypes.sizeof(limits)
            process = wintypes.HANDLE(kernel.OpenProcess(_PROCESS_SET_QUOTA_AND_TERMINATE, False, pid))
            kept = (
                bool(job)
                and bool(process)
                and kernel.SetInformationJobObject(job, _EXTENDED_LIMIT, ctypes.byref(limits), size)
                and kernel.AssignProcessToJobObject(job, process)
            )
            if process:
                kernel.CloseHandle(process)
            if not kept:
                if job:
                    kernel.CloseHandle(job)
                return None
            return cls(job)

        def release(self) -> None:
            """Closes the handle, which ends whatever is still in the job."""
            handle, self._handle = self._handle, None
            if handle is not None:
                ctypes.WinDLL("kernel32").CloseHandle(handle)
