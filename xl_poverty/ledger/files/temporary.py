"""Folders from which files vanish: of archives opened in their tool, of mails and messengers."""

from __future__ import annotations

import os
import re

_ARCHIVE = "压缩软件的临时文件夹"
_MAIL = "邮件附件的临时文件夹"
_BROWSER = "浏览器或邮件的缓存文件夹"
_TEMP = r"/(?:te?mp|appdata/local/temp(?:/\d)?)"  # ordinary by itself, telling together with what follows

#: kind -> names of folders one below the other, in small letters; "/" parts them
_FOLDERS: list[tuple[str, str]] = [
    (_ARCHIVE, r"/rar\$[^/]*"),  # WinRAR: Rar$DIa1234.5678
    (_ARCHIVE, r"/7z[oe][0-9a-f]{4,}(?:\.tmp)?"),  # 7-Zip: 7zO4C1A2B3D
    (_ARCHIVE, r"/temp\d+_[^/]*\.(?:zip|rar|7z)"),  # Windows Explorer: Temp1_台账.zip
    (_ARCHIVE, rf"{_TEMP}/[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}_[^/]*"),  # the same, of Windows 11
    (_ARCHIVE, r"/360zip\$temp"),  # 360压缩
    (_ARCHIVE, r"/hz\$[^/]*"),  # 好压: HZ$D.123.4567
    (_ARCHIVE, r"/haozip[^/]*/te?mp[^/]*"),
    (_ARCHIVE, r"/bnz\.[^/]*"),  # Bandizip: BNZ.5f3a1b2c3d4e
    (_ARCHIVE, rf"{_TEMP}/wz[0-9a-z]{{4}}"),  # WinZip: wz1a2b
    (_MAIL, r"/content\.outlook"),  # Outlook
    (_MAIL, r"/olk/attachments"),  # the new Outlook
    (_MAIL, r"/foxmail[^/]*(?:/[^/]*)?/te?mp[^/]*"),  # Foxmail 7.2/Temp-1234-20230101/Attach
    (_MAIL, rf"{_TEMP}/foxmail[^/]*"),
    (_BROWSER, r"/inetcache"),
    (_BROWSER, r"/temporary internet files"),
    ("微信的接收文件夹", r"/wechat files/(?:.*/)?filestorage"),
    ("微信的接收文件夹", r"/xwechat_files"),  # WeChat 4
    ("QQ的接收文件夹", r"/tencent files/(?:.*/)?filerecv"),
    ("QQ的接收文件夹", r"/tencent files/(?:.*/)?nt_data"),  # QQ 9.9
    ("企业微信的接收文件夹", r"/wxwork"),
    ("钉钉的接收文件夹", r"/dingtalk(?:appdata)?"),
]


def temporary_place(path) -> str:
    """What kind of temporary folder a path lies in, in Chinese; "" elsewhere."""
    text = os.path.abspath(os.fspath(path)).replace("\\", "/").lower()
    return next((kind for kind, folders in _FOLDERS if re.search(f"{folders}(?:/|$)", text)), "")
