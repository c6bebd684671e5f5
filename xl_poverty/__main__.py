"""python -m xl_poverty"""
import sys

from .cli import main

sys.exit(main())
