"""What only the lesson *Start here* needs."""
