"""Two runs compared, rung by rung, until they part."""
