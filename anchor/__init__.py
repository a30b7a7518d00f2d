"""The anchor service: outbox, publishing, anchoring, finality, fsck, monitor."""
