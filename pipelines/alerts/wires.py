"""The two wires: SMTP and HTTP. Each raises `AlertError` with the place and the kind of the trouble, never a secret."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from email.message import EmailMessage

from pipelines.alerts.notice import Message
from pipelines.alerts.settings import Mail, Webhook, secret
from pipelines.errors import AlertError

SECONDS = 15
"""How long a server may take: the next alert waits behind this one, and so does the daemon's next look."""


def send_mail(mail: Mail, message: Message) -> None:
    """Hand a message to the mail server."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message.title, mail.sender, ", ".join(mail.recipients)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office replies stay away
    letter.set_content(message.text)
    try:
        with _server(mail) as server:
            if mail.password_file is not None:
                server.login(mail.username, secret(mail.password_file))
            refused = server.send_message(letter)
    except (OSError, smtplib.SMTPException) as error:
        raise AlertError(f"no mail went through {mail.host}:{mail.port} ({type(error).__name__})") from None
    if refused:
        raise AlertError(f"{mail.host} refused {len(refused)} of {len(mail.recipients)} recipients")


def _server(mail: Mail) -> smtplib.SMTP:
    trusted = ssl.create_default_context(cafile=str(mail.ca_file) if mail.ca_file else None)
    if mail.tls == "implicit":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=trusted)
    server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
    if mail.tls == "starttls":
        server.starttls(context=trusted)
    return server


def post(webhook: Webhook, message: Message) -> None:
    """Post a message to a webhook as JSON."""
    headers = {"Content-Type": "application/json"}
    if webhook.token_file is not None:
        headers["Authorization"] = f"Bearer {secret(webhook.token_file)}"
    body = json.dumps({"text": f"{message.title}\n{message.text}", **message.document}).encode()
    request = urllib.request.Request(webhook.url, body, headers, method="POST")  # noqa: S310 — settings allow http(s) alone
    host = request.host
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS):
            return
    except urllib.error.HTTPError as error:
        raise AlertError(f"the webhook of {host} answered {error.code}") from None
    except OSError as error:
        raise AlertError(f"the webhook of {host} was not reached ({type(error).__name__})") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was written down, and to no other."""

    def redirect_request(self, *_: object) -> None:
        return None
