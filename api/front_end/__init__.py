"""What the pages use in the browser and others wrote: pinned, fetched when a wheel is built, carried by it."""
