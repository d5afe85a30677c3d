# SPDX-License-Identifier: MIT
"""An instance metadata service for several instances on loopback: http://127.0.0.1:PORT/NAME is NAME's.

usage: imds.py FOLDER     prints its port; FOLDER/NAME.state has what the Auto Scaling group wants of NAME
"""

import http.server
import os
import socketserver
import sys


class Metadata(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, text=""):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        self.answer(200, "a-token")

    def do_GET(self):
        name, _, item = self.path.lstrip("/").partition("/latest/meta-data/")
        if self.headers.get("X-aws-ec2-metadata-token") != "a-token":
            self.answer(401)
        elif item == "autoscaling/target-lifecycle-state":
            with open(os.path.join(sys.argv[1], f"{name}.state"), encoding="utf-8") as file:
                self.answer(200, file.read())
        else:
            self.answer(404)


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Metadata)
print(server.server_address[1], flush=True)
server.serve_forever()
