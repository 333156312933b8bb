"""What the archive costs, as ratios to a floor measured in the same run: ``python -m benchmarks [NAME…]``.

A floor is the least that any program would do for the same answer, written with bare libraries (``benchmarks.floors``). A ratio
to it travels between machines; seconds do not. Nothing here passes or fails by time.

One module per benchmark, each with ``run(ground) -> list[Row]``; what they share: ``ground`` (corpus and filled
workspaces, made once per run), ``spent`` (what a process took), ``results`` (rows, table).
"""
