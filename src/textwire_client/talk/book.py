"""Conversations and their messages as far as this client has seen them: bounded, and of two versions the newer one."""

from __future__ import annotations

import threading

from textwire_client.values import Message

MOST_CONVERSATIONS = 1_000
MOST_MESSAGES = 1_000  # of one conversation
MOST_DELETED = 10_000  # identifiers that are remembered, so that an answer that comes late brings none back


class Strand:
    """What was said between a number of ours and one elsewhere; `number` is None until it is known."""

    def __init__(self, remote: str, number: str | None) -> None:
        self.remote, self.number = remote, number
        self.messages: dict[str, Message] = {}

    def note(self, message: Message) -> None:
        """Keep it, unless a newer version is known; when there are too many the oldest goes."""
        known = self.messages.get(message.id)
        if known is None or known.sequence <= message.sequence:
            self.messages[message.id] = message
        if len(self.messages) > MOST_MESSAGES:
            del self.messages[min(self.messages, key=lambda id: _age(self.messages[id]))]

    def in_order(self) -> tuple[Message, ...]:
        """Oldest first."""
        return tuple(sorted(self.messages.values(), key=_age))


class Book:
    """All of them, the one that was active last at the end. Threads may share it; `lock` is held by who does several things."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._strands: dict[tuple[str, str | None], Strand] = {}
        self._deleted: dict[str, str] = {}

    def find(self, remote: str, number: str | None = None) -> Strand | None:
        """The one with this number elsewhere that was active last, of the number of ours if it is named."""
        with self.lock:
            for strand in reversed(self._strands.values()):
                if strand.remote == remote and number in {None, strand.number}:
                    return strand
        return None

    def open(self, remote: str, number: str | None) -> Strand:
        """The one that there is, or a new one."""
        with self.lock:
            return self.find(remote, number) or self._begun(remote, number)

    def note(self, message: Message) -> tuple[Strand, bool]:
        """Put a message where it belongs; whether its conversation is new."""
        number, remote = ends(message)
        with self.lock:
            known = self._strands.get((remote, number)) or self._bound(remote, number)
            strand = known or self._begun(remote, number)
            if message.id not in self._deleted:
                strand.note(message)
            self._touch(strand)
            return strand, known is None

    def of(self, message: str) -> Strand | None:
        """The conversation that has a message of this id."""
        with self.lock:
            return next((one for one in reversed(self._strands.values()) if message in one.messages), None)

    def delete(self, message: str) -> str:
        """A message is gone; the number elsewhere that it was about, as far as it is known."""
        with self.lock:
            strand = self.of(message)
            remote = strand.remote if strand else self._deleted.get(message, "")
            self._deleted[message] = remote
            while len(self._deleted) > MOST_DELETED:
                del self._deleted[next(iter(self._deleted))]
            if strand is not None:
                del strand.messages[message]
            return remote

    def close(self, strand: Strand) -> None:
        """A conversation was deleted; what of it is still under way stays."""
        with self.lock:
            for message in [one for one in strand.messages.values() if one.final]:
                self.delete(message.id)
            if not strand.messages:
                self._strands.pop((strand.remote, strand.number), None)

    def all(self) -> tuple[Strand, ...]:
        """The one that was active last first."""
        with self.lock:
            return tuple(reversed(self._strands.values()))

    def bind(self, strand: Strand, message: Message) -> None:
        """A message of this conversation tells how the server writes its ends."""
        with self.lock:
            number, remote = ends(message)
            if strand.number is None and (remote, number) not in self._strands:
                self._strands.pop((strand.remote, None), None)
                strand.number, strand.remote = number, remote
                self._touch(strand)

    def _bound(self, remote: str, number: str) -> Strand | None:
        """One that was begun before its number was known."""
        strand = self._strands.pop((remote, None), None)
        if strand is not None:
            strand.number = number
        return strand

    def _begun(self, remote: str, number: str | None) -> Strand:
        strand = Strand(remote, number)
        self._touch(strand)
        return strand

    def _touch(self, strand: Strand) -> None:
        key = (strand.remote, strand.number)
        self._strands.pop(key, None)
        self._strands[key] = strand
        if len(self._strands) > MOST_CONVERSATIONS:
            del self._strands[next(iter(self._strands))]


def ends(message: Message) -> tuple[str, str]:
    """A number of ours, and the one elsewhere."""
    return (message.to, message.from_) if message.direction == "in" else (message.from_, message.to)


def _age(message: Message) -> tuple[object, int, str]:
    return message.created_at, len(message.id), message.id
