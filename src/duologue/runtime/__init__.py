"""Everything wired together: settings, adapters by name, an assistant ready to answer, its conversations."""
