"""The archive's copy at Amazon: an open bucket, listed by boto3."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from nustar_widgets.archive.paths import ARCHIVE_ROOT
from nustar_widgets.archive.patience import Patience, Stopped, Trouble, patiently
from nustar_widgets.archive.remote import RemoteFile, checked_relative

_FOR_GOOD: Final = ("AccessDenied", "AllAccessDisabled", "NoSuchBucket", "InvalidBucketName")


@dataclass(frozen=True, kw_only=True)
class AwsHost:
    """HEASARC's bucket at AWS, anonymous.

    Attributes
    ----------
    endpoint_url
        Another S3 server, as a mirror or one for tests; ``None`` for Amazon's.
    bucket
        Its name.
    prefix
        What stands in its keys before ``nustar/data/obs/...``.
    region
        Where it is.
    """

    name: ClassVar[str] = "aws"

    endpoint_url: str | None = None
    bucket: str = "nasa-heasarc"
    prefix: str = ""
    region: str = "us-east-1"

    def source(self, path: str) -> str:
        """Name an observation here, for people.

        Parameters
        ----------
        path
            Its path in the archive.
        """
        return f"s3://{self.bucket}/{self._key(path)}"

    def files(
        self,
        path: str,
        choose: Callable[[Sequence[str]], Sequence[str]],
        *,
        patience: Patience,
        stop: threading.Event,
    ) -> tuple[RemoteFile, ...]:
        """List an observation's files.

        Parameters
        ----------
        path
            Its path in the archive, from ``/FTP/`` on.
        choose
            Takes the names that are there, gives those that are wanted.
        patience
            How long to wait.
        stop
            Set when somebody asks to stop.

        Raises
        ------
        Trouble
            The server cannot be asked or says no.
        DownloadError
            A name would be written outside the folder, or ``choose`` refuses.
        """
        client = self._client(patience)
        found = patiently(lambda: dict(self._listing(client, path, stop)), patience, stop)
        return tuple(
            RemoteFile(
                relative=name,
                size=int(found[name]["Size"]),
                url=self._url(client, found[name]["Key"]),
                version=str(found[name].get("ETag", "")),
            )
            for name in choose(list(found))
        )

    def _listing(
        self, client: Any, path: str, stop: threading.Event
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """List names and what the server says of them, page by page: a page has 1000 at most."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see _client

        start = self._key(path)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=start)
        try:
            for page in pages:
                if stop.is_set():
                    raise Stopped
                for entry in page.get("Contents", ()):
                    if not entry["Key"].endswith("/"):  # stands for a folder in some tools
                        name = entry["Key"].removeprefix(start)
                        yield checked_relative(name, source=self.source(path)), entry
        except ClientError as error:
            raise _refusal(error.response) from error
        except BotoCoreError as error:
            raise Trouble(f"the server cannot be asked ({error})") from error

    def _key(self, path: str) -> str:
        return self.prefix + path.removeprefix(ARCHIVE_ROOT)

    def _url(self, client: Any, key: str) -> str:
        """Return where a key is fetched from; unsigned, so that it never runs out."""
        url: str = client.generate_presigned_url(
            "get_object", Params={"Bucket": self.bucket, "Key": key}
        )
        return url

    def _client(self, patience: Patience) -> Any:
        # Half a second of imports that only this host needs, and only when it is asked.
        import boto3  # noqa: PLC0415
        from botocore import UNSIGNED  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        config = Config(
            signature_version=UNSIGNED,
            connect_timeout=patience.connect_s,
            read_timeout=patience.read_s,
            retries={"total_max_attempts": 1},
        )
        try:
            return boto3.session.Session().client(
                "s3", region_name=self.region, endpoint_url=self.endpoint_url, config=config
            )
        except (BotoCoreError, ValueError) as error:  # a profile or an address that is none
            raise Trouble(f"boto3 cannot be set up ({error})", may_pass=False) from error


def _refusal(response: dict[str, Any]) -> Trouble:
    said = response.get("Error", {})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    words = f"the server said no: {said.get('Code', '')} {said.get('Message', '')} (HTTP {status})"
    return Trouble(words, may_pass=said.get("Code") not in _FOR_GOOD)
