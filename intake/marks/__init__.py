"""What was put on a photograph, or made of it: joints of a collage, repeated watermarks, lettering in a corner.

``joints`` and ``overlay`` look at the small grey copy that fingerprint and sharpness are measured on, ``imprint`` at a coloured one.
They say only what is hardly ever anything else; ``lettering`` judges the words that OCR read (``spoken``). What none of them finds is not
proved absent. ``paper`` tells whether the picture is one of a page.
"""

#: short side in pixels below which a small copy shows too little to look for them
LEAST = 160
