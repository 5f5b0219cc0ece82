"""Pictures and video of dancers.

A clip gets flesh on its bones (``flesh``, ``body``), is seen by a camera that follows it (``camera``), drawn as shaded
rounded shapes (``outlines``, ``figures``) in a room (``scenery``, ``bands``) with a time line (``strip``): all together
a stage (``stage``), which is filmed with its music (``video``). Pictures are drawn at once in the planes of a screen or
of a video file (``canvas``). The same clips always give the same pictures.
"""
