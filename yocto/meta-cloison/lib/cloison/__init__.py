"""What the layer does itself, in Python that also runs without bitbake."""
