"""What systemd does for a service of Type=notify with a socket unit: play_systemd.py SOCKET|HOST:PORT COMMAND...

Listens, passes the socket as file descriptor 3, and prints every notification as a line "notify: ...". SIGTERM goes on to the
service. Ends as the service does.
"""

import ctypes
import os
import select
import signal
import socket
import sys
import tempfile

where, command = sys.argv[1], sys.argv[2:]
if where.startswith("/"):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(where)
else:
    host, port = where.rsplit(":", 1)
    listener = socket.socket()
    listener.bind((host, int(port)))
listener.listen()
print("listening:", listener.getsockname() if where.startswith("/") else listener.getsockname()[1], flush=True)

with tempfile.TemporaryDirectory() as directory:
    notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if os.environ.get("PLAY_ABSTRACT"):
        notifications.bind("\0" + directory)
        address = "@" + directory
    else:
        address = os.path.join(directory, "notify")
        notifications.bind(address)

    child = os.fork()
    if child == 0:
        # the service ends with this script, also when that is killed: PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
        if listener.fileno() != 3:
            os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(NOTIFY_SOCKET=address, LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
        os.execvp(command[0], command)
    listener.close()
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))

    status = None
    while status is None:
        readable, _, _ = select.select([notifications], [], [], 0.1)
        if readable:
            print("notify:", notifications.recv(4096).decode().replace("\n", " "), flush=True)
        pid, ended = os.waitpid(child, os.WNOHANG)
        if pid:
            status = os.waitstatus_to_exitcode(ended)
    while select.select([notifications], [], [], 0)[0]:
        print("notify:", notifications.recv(4096).decode().replace("\n", " "), flush=True)
sys.exit(status if status >= 0 else 128 - status)
