"""Pictures and videos of dancers.

A clip becomes a body (``motion.body_mesh``, ``body``). A camera follows it (``camera``). The body is drawn as shaded
rounded shapes (``outlines``, ``shading``) before a backdrop (``backdrop``, ``rasteriser``) with the waveform of the
music (``waveform``). Together these are a scene (``scene``), which is rendered with its music into a file (``video``).
Pictures are drawn directly in the planes of a screen or of a video file (``canvas``). The same clips give the same
pictures.
"""
